/// Row ids of token N-grams: windows over the tokens, xor of products, remainders by column.
///
/// The caller validates: token ids are below the map's size (or the raw limit), products of ids
/// and multipliers stay below 2^63, and every buffer is as long as it must be.
#ifndef ENGRAM_HASH_H
#define ENGRAM_HASH_H
#include <stddef.h>
#include <stdint.h>

/// The longest window, in tokens.
#define ENGRAM_HASH_MAX_ORDER 8

/// Columns that one vector holds.
#define ENGRAM_HASH_LANES 8

/// Up to eight columns of one order of one layer, with what their remainders need.
typedef struct {
  uint64_t size[ENGRAM_HASH_LANES];
  /// floor((2^64 - 1) / size)
  uint64_t reciprocal[ENGRAM_HASH_LANES];
  /// 2^32 mod size
  uint64_t carry[ENGRAM_HASH_LANES];
  /// A little less than 1 / size.
  double inverse[ENGRAM_HASH_LANES];
  /// What is added to the remainder: the column's first row.
  uint64_t offset[ENGRAM_HASH_LANES];
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
  /// Whether a size needs more than 32 bits: such a group takes the scalar path.
  uint32_t wide;
} engram_hash_group;

/// What stands beyond a boundary, and where boundaries are.
enum {
  /// Segments and masks: the window restarts at a segment and at a masked token.
  ENGRAM_HASH_SEGMENTS = 0,
  /// Only the start of the sequence.
  ENGRAM_HASH_SEQUENCE = 1,
  /// The window restarts after an end-of-sequence token.
  ENGRAM_HASH_END_TOKEN = 2
};

/// Which code computes remainders.
enum { ENGRAM_HASH_AUTO = 0, ENGRAM_HASH_SCALAR = 1, ENGRAM_HASH_AVX512 = 2 };

/// Everything that does not change from batch to batch.
typedef struct {
  /// Groups in (layer, order, column) order.
  const engram_hash_group *groups;
  size_t group_count;
  /// [layers][ENGRAM_HASH_MAX_ORDER], zero beyond a layer's own.
  const uint64_t *multipliers;
  uint32_t layers;
  /// The longest order of any layer.
  uint32_t max_order;
  /// Token id -> compressed id; NULL: ids are used as they are.
  const uint32_t *map;
  /// ENGRAM_HASH_SEGMENTS, ...; and the (compressed) pad or end-of-sequence token.
  uint32_t boundary, boundary_token;
} engram_hash_rule;

/// Whether this machine can run a path.
int engram_hash_supports(int path);

/// Fills the first `lanes` columns of a group; the caller sets layer, order and places.
void engram_hash_group_fill(engram_hash_group *group, const uint64_t *sizes,
                            const uint64_t *offsets, uint32_t lanes);

/// The index of the first token outside 0..<limit, or `count`.
size_t engram_hash_check(const int32_t *tokens, size_t count, uint32_t limit);

/// Row ids of `count` tokens: layer after layer, each [tokens][columns].
///
/// `masked` and `segments` may be NULL. `recent` holds the ENGRAM_HASH_MAX_ORDER - 1 (compressed)
/// tokens before the batch, newest first, and `segment` the segment that they are in: both are
/// left as they stand after the batch.
void engram_hash_rows(const engram_hash_rule *rule, const int32_t *tokens, const uint8_t *masked,
                      const int32_t *segments, size_t count, uint32_t *recent, int32_t *segment,
                      int64_t *rows, int path);

/// (hashes[i] mod size + offset) for all columns of one group; `rows` is [count][lanes].
/// Exists so that tests can reach every path with hashes of their choice, below 2^63.
void engram_hash_remainders(const engram_hash_group *group, const uint64_t *hashes, size_t count,
                            int64_t *rows, int path);

#endif
