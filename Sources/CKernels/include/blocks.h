/// Rows of context blocks: sealed with their checksums, checked as they are copied out.
///
/// A slot is a row's bytes and then their CRC32C, little-endian, which covers the salt of the block's
/// frame, a word that says which group, layer and row it is, and the row's bytes. The word is the
/// layer's `word` with the row's number in its block in the low 32 bits.
#ifndef ENGRAM_BLOCKS_H
#define ENGRAM_BLOCKS_H
#include <stddef.h>
#include <stdint.h>

/// One layer of one group of a prompt's blocks.
typedef struct {
  /// The first slot of each block in this group's first layer; NULL where the block is not there.
  const uint8_t *const *blocks;
  /// CRC32C of each block's salt.
  const uint32_t *salts;
  size_t block_count;
  /// Bytes from a block's first slot to the layer's.
  uint64_t layer_offset;
  /// Group and layer: the upper half of what a row's checksum covers beside its bytes.
  uint64_t word;
  uint32_t rows_per_block;
  uint32_t row_bytes;
} engram_block_view;

/// Copies `count` rows of `row_bytes` into slots, `row_bytes + 4` apart, and seals them in the same
/// pass; the first is row 0 of its block.
void engram_block_seal(
    const uint8_t *rows, size_t count, uint32_t row_bytes, uint32_t salt_crc, uint64_t word,
    uint8_t *slots);

/// The way back: copies `count` slots that lie one after another into rows, checked. Returns `count`,
/// or the index of a slot that does not match its checksum; the rows from two before it on must not be
/// used. `past_caches`: the rows are more than the caches hold, and go to memory directly.
size_t engram_block_open(
    const uint8_t *slots, size_t count, uint32_t row_bytes, uint32_t salt_crc, uint64_t word,
    uint8_t *rows, int past_caches);

/// Checks slots without copying them. Returns as engram_block_open.
size_t engram_block_check(
    const uint8_t *slots, size_t count, uint32_t row_bytes, uint32_t salt_crc, uint64_t word);

/// Where a row's slot lies, or NULL. `row` is below `block_count * rows_per_block`.
const uint8_t *engram_block_slot(const engram_block_view *view, int64_t row);

/// Copies rows by number, one after another, checked; every row is below
/// `block_count * rows_per_block`. Returns `count`, or the index of the first row that is not there or
/// does not match its checksum.
size_t engram_block_gather(
    const engram_block_view *view, const int64_t *rows, size_t count, uint8_t *out);

/// The same where most rows are still on the disk: a second thread asks for them, some hundred ahead
/// of the copy. To ask for a page takes about as much of a processor as to map and copy it, and a
/// device has room for a few hundred requests: asking for all rows first would leave it idle while
/// they are copied. The thread ends before the function does.
size_t engram_block_gather_cold(
    const engram_block_view *view, const int64_t *rows, size_t count, uint8_t *out);

#endif
