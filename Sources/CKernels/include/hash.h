/// Row ids of token N-grams: windows over the tokens, xor of products, remainders by column.
///
/// The caller validates: token ids are below the map's size (or the raw limit), products of ids
/// and multipliers stay below 2^63, and every buffer is as long as it must be.
#ifndef ENGRAM_HASH_H
#define ENGRAM_HASH_H
#include <stddef.h>
#include <stdint.h>

#include "remainders.h"

/// The longest window, in tokens.
#define ENGRAM_HASH_MAX_ORDER 8

/// What stands beyond a boundary, and where boundaries are.
enum {
  /// Segments and masks: the window restarts at a segment and at a masked token.
  ENGRAM_HASH_SEGMENTS = 0,
  /// Only the start of the sequence.
  ENGRAM_HASH_SEQUENCE = 1,
  /// The window restarts after an end-of-sequence token.
  ENGRAM_HASH_END_TOKEN = 2
};

/// Everything that does not change from batch to batch.
typedef struct {
  /// Groups in (layer, order, column) order; at least one a layer.
  const engram_hash_group *groups;
  size_t group_count;
  /// [layers][ENGRAM_HASH_MAX_ORDER], zero beyond a layer's own.
  const uint64_t *multipliers;
  uint32_t layers;
  /// The longest order of any layer, at least 2.
  uint32_t max_order;
  /// Token id -> compressed id; NULL: ids are used as they are.
  const uint32_t *map;
  /// ENGRAM_HASH_SEGMENTS, ...; and the (compressed) pad or end-of-sequence token.
  uint32_t boundary, boundary_token;
} engram_hash_rule;

/// The index of the first token outside 0..<limit, or `count`.
size_t engram_hash_check(const int32_t *tokens, size_t count, uint32_t limit);

/// Row ids of `count` tokens: layer after layer, each [tokens][columns].
///
/// `masked` and `segments` may be NULL. `recent` holds the max_order - 1 (compressed) tokens
/// before the batch as the next token will see them, newest first, and `segment` the segment that
/// they are in: both are left as they stand after the batch.
void engram_hash_rows(const engram_hash_rule *rule, const int32_t *tokens, const uint8_t *masked,
                      const int32_t *segments, size_t count, uint32_t *recent, int32_t *segment,
                      int64_t *rows, int path);

#endif
