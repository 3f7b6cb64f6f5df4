/// Remainders of 63-bit hashes by many fixed sizes: hash mod size + offset, a column each.
///
/// Hashes come in blocks of up to ENGRAM_HASH_BLOCK tokens, columns in groups of up to eight that
/// share a hash.
#ifndef ENGRAM_REMAINDERS_H
#define ENGRAM_REMAINDERS_H
#include <stddef.h>
#include <stdint.h>

/// Tokens worked on at once: hashes and the rows of one layer stay in the first cache.
#define ENGRAM_HASH_BLOCK 64

/// Columns that one vector holds.
#define ENGRAM_HASH_LANES 8

/// Which code computes remainders.
enum { ENGRAM_HASH_AUTO = 0, ENGRAM_HASH_SCALAR = 1, ENGRAM_HASH_AVX512 = 2 };

/// Up to eight columns of one order of one layer, with what their remainders need.
typedef struct {
  uint64_t size[ENGRAM_HASH_LANES];
  /// floor((2^64 - 1) / size)
  uint64_t reciprocal[ENGRAM_HASH_LANES];
  /// What is added to the remainder: the column's first row.
  uint64_t offset[ENGRAM_HASH_LANES];
  /// As doubles: size, 2^48 mod size, a little more than 1 / size, and 2^52 + offset.
  double divisor[ENGRAM_HASH_LANES];
  double carry[ENGRAM_HASH_LANES];
  double inverse[ENGRAM_HASH_LANES];
  double shifted_offset[ENGRAM_HASH_LANES];
  /// How many of the eight are columns.
  uint32_t lanes;
  /// The index of the layer in `engram_hash_rule`, not the model's number.
  uint32_t layer;
  /// N-gram length, 2 to 8.
  uint32_t order;
  /// The first column within the layer.
  uint32_t column;
  /// Columns of the layer, and of all layers before it.
  uint32_t columns, before;
  /// Whether a size or an offset is too large for doubles: such a group takes the scalar path.
  uint32_t wide;
} engram_hash_group;

/// The hashes of one order, and for vectors their upper 15 and lower 48 bits.
typedef struct {
  uint64_t whole[ENGRAM_HASH_BLOCK];
  double high[ENGRAM_HASH_BLOCK];
  double low[ENGRAM_HASH_BLOCK];
} engram_hashes;

/// Whether this machine can run a path.
int engram_hash_supports(int path);

/// The path that `path` stands for on this machine: never ENGRAM_HASH_AUTO, nor one that it
/// cannot run.
int engram_hash_path(int path);

/// Fills the first `lanes` columns of a group; the caller sets layer, order and places.
void engram_hash_group_fill(engram_hash_group *group, const uint64_t *sizes,
                            const uint64_t *offsets, uint32_t lanes);

/// Computes `high` and `low` of a block, where `path` reads them.
void engram_hashes_split(engram_hashes *hashes, size_t count, int path);

/// Writes hash mod size + offset for the columns of a group; token t's go to rows + t * stride.
/// Hashes are below 2^63; `path` comes from `engram_hash_path`.
void engram_remainders(const engram_hash_group *group, const engram_hashes *hashes, size_t count,
                       int64_t *rows, size_t stride, int path);

#endif
