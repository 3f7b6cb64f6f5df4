/// Rows of a memory table, from mapped pages into a caller's buffer.
#ifndef ENGRAM_GATHER_H
#define ENGRAM_GATHER_H
#include <stddef.h>
#include <stdint.h>

/// The directory entry of a page that is not stored: all its rows are zero.
#define ENGRAM_ABSENT_PAGE UINT64_MAX

/// A table version as the kernels see it. A slot is a row's bytes and then their CRC32C,
/// little-endian, which covers salt (8 bytes), row id (8 bytes) and row bytes, in that order.
typedef struct {
  /// First byte of each mapped file.
  const uint8_t *const *files;
  /// One entry a page: file number in the upper 16 bits, byte offset in the lower 48.
  const uint64_t *pages;
  /// Rows in the table; every row id must be below this (the kernels do not check).
  uint64_t row_count;
  /// ceil(2^64 / rows_per_page): division by multiplication, exact for rows below 2^48;
  /// 0 where a page holds one row.
  uint64_t page_reciprocal;
  uint32_t rows_per_page;
  /// Bytes of a row.
  uint32_t row_bytes;
  /// Bytes of a slot: row_bytes + 4.
  uint32_t stride;
  /// CRC32C of the salt: where each row's checksum starts.
  uint32_t salt_crc;
} engram_table_view;

/// The index of the first id that is not in 0..<row_count, or `count` where all are.
size_t engram_find_row_out_of_range(const int64_t *rows, size_t count, uint64_t row_count);

/// Copies `count` rows, one after another, `row_bytes` each, and checks every checksum in the
/// same pass. Returns `count`, or the index of the first row that does not match its checksum;
/// what lies in `out` from that row's group of three on must not be used.
size_t engram_gather_checked(
    const engram_table_view *view, const int64_t *rows, size_t count, uint8_t *out);

/// The same without looking at the checksums.
void engram_gather_unchecked(
    const engram_table_view *view, const int64_t *rows, size_t count, uint8_t *out);

/// The index of the first directory entry whose page does not lie inside its file, or `count`.
/// A page has `page_bytes`, the last one `last_page_bytes`; `absent` is set to the number of pages
/// that are not stored.
size_t engram_check_pages(
    const uint64_t *pages, size_t count, const uint64_t *file_sizes, size_t file_count,
    uint64_t page_bytes, uint64_t last_page_bytes, size_t *absent);

/// Where a row's slot lies, or NULL where its page is absent.
const uint8_t *engram_find_slot(const engram_table_view *view, int64_t row);

/// The checksum that a slot of `row` with these bytes must carry.
uint32_t engram_row_checksum(
    uint32_t salt_crc, uint64_t row, const uint8_t *bytes, uint32_t row_bytes);

/// Writes the checksum behind each of `count` rows that lie `row_bytes + 4` apart in `slots`;
/// the first is row `first_row`.
void engram_seal_slots(
    uint32_t salt_crc, uint64_t first_row, size_t count, uint8_t *slots, uint32_t row_bytes);

/// Checks `count` slots that lie one after another; returns the index of the first bad one, or
/// `count`.
size_t engram_check_slots(
    uint32_t salt_crc, uint64_t first_row, size_t count, const uint8_t *slots,
    uint32_t row_bytes);

/// Copies `count` pieces of `bytes` each, which lie one after another, to places `stride` bytes
/// apart: rows into slots.
void engram_spread_rows(
    const uint8_t *from, uint32_t bytes, size_t count, uint8_t *to, size_t stride);

/// The way back: pieces of `bytes` each that lie `stride` bytes apart, one after another.
void engram_collect_rows(
    const uint8_t *from, size_t stride, uint32_t bytes, size_t count, uint8_t *to);

/// Whether all `count` bytes are zero.
int engram_all_zero(const uint8_t *bytes, size_t count);

#endif
