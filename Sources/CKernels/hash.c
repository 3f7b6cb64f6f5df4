#include "hash.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX512 __attribute__((target("avx512f,avx512dq")))
#endif

#define BLOCK ENGRAM_HASH_BLOCK
#define BACK (ENGRAM_HASH_MAX_ORDER - 1)

/// Rows of more bytes than this go to memory past the caches, which they would only flush.
#define STREAM_BYTES ((size_t)4 << 20)

/// The most columns of a layer whose rows are written that way.
#define STREAM_COLUMNS 64

size_t engram_hash_check(const int32_t *tokens, size_t count, uint32_t limit) {
  // A negative id is a large unsigned one. Pieces, so that the common loop has no exit.
  for (size_t start = 0; start < count; start += 1024) {
    size_t end = start + 1024 < count ? start + 1024 : count;
    uint32_t largest = 0;
    for (size_t i = start; i < end; i++) {
      uint32_t token = (uint32_t)tokens[i];
      largest = token > largest ? token : largest;
    }
    if (largest < limit) continue;
    for (size_t i = start; i < end; i++) {
      if ((uint32_t)tokens[i] >= limit) return i;
    }
  }
  return count;
}

/// The windows of a block: at[k][t] is the (compressed) token k positions before t, or what the
/// boundary rule puts there.
typedef struct {
  const uint32_t *at[ENGRAM_HASH_MAX_ORDER];
  /// What came before the block, oldest first, and the block's own tokens.
  uint32_t values[BACK + BLOCK];
  /// Windows of a block with a boundary inside.
  uint32_t cut[ENGRAM_HASH_MAX_ORDER][BLOCK];
} windows;

/// Whether any token of a block restarts the window.
static int has_boundary(const engram_hash_rule *rule, const uint32_t *values,
                        const uint8_t *masked, const int32_t *segments, size_t count,
                        int32_t segment) {
  uint32_t found = 0;
  if (masked) {
    for (size_t t = 0; t < count; t++) found |= masked[t];
  }
  if (segments) {
    for (size_t t = 0; t < count; t++) found |= (uint32_t)(segments[t] ^ segment);
  }
  if (rule->boundary == ENGRAM_HASH_END_TOKEN) {
    for (size_t t = 0; t < count; t++) found |= values[t] == rule->boundary_token;
  }
  return found != 0;
}

/// Token by token: `recent` is what the next token sees behind it, so that a boundary is met
/// once, when it is crossed, by filling it with the boundary token.
static void cut_windows(const engram_hash_rule *rule, windows *w, const uint8_t *masked,
                        const int32_t *segments, size_t count, uint32_t *recent,
                        int32_t *segment) {
  uint32_t back = rule->max_order - 1;
  uint32_t edge = rule->boundary_token;
  for (size_t t = 0; t < count; t++) {
    uint32_t value = w->values[BACK + t];
    int restart = 0;
    if (segments && segments[t] != *segment) {
      *segment = segments[t];
      restart = 1;
    }
    if (masked && masked[t]) {
      value = edge;
      restart = 1;
    }
    if (restart) {
      for (uint32_t k = 0; k < back; k++) recent[k] = edge;
    }
    w->cut[0][t] = value;
    for (uint32_t k = 0; k < back; k++) w->cut[k + 1][t] = recent[k];
    for (uint32_t k = back - 1; k > 0; k--) recent[k] = recent[k - 1];
    recent[0] = value;
    if (rule->boundary == ENGRAM_HASH_END_TOKEN && value == edge) {
      for (uint32_t k = 0; k < back; k++) recent[k] = edge;
    }
  }
  for (uint32_t k = 0; k <= back; k++) w->at[k] = w->cut[k];
}

static void make_windows(const engram_hash_rule *rule, windows *w, const int32_t *tokens,
                         const uint8_t *masked, const int32_t *segments, size_t count,
                         uint32_t *recent, int32_t *segment) {
  uint32_t back = rule->max_order - 1;
  uint32_t *values = w->values + BACK;
  for (size_t t = 0; t < count; t++) {
    values[t] = rule->map ? rule->map[tokens[t]] : (uint32_t)tokens[t];
  }
  if (has_boundary(rule, values, masked, segments, count, *segment)) {
    cut_windows(rule, w, masked, segments, count, recent, segment);
    return;
  }
  // One row of values, seen from different places.
  for (uint32_t k = 0; k < back; k++) values[-1 - (int)k] = recent[k];
  for (uint32_t k = 0; k < back; k++) recent[k] = values[(int)count - 1 - (int)k];
  for (uint32_t k = 0; k <= back; k++) w->at[k] = values - k;
}

/// The hashes of orders n = 2...max_order: each order adds one product to the one before.
static inline __attribute__((always_inline)) void make_hashes(
    uint32_t max_order, const uint64_t *multipliers, const windows *w, size_t count,
    engram_hashes *hashes) {
  for (size_t t = 0; t < count; t++) {
    hashes[2].whole[t] = (w->at[0][t] * multipliers[0]) ^ (w->at[1][t] * multipliers[1]);
  }
  for (uint32_t order = 3; order <= max_order; order++) {
    const uint32_t *window = w->at[order - 1];
    uint64_t multiplier = multipliers[order - 1];
    for (size_t t = 0; t < count; t++) {
      hashes[order].whole[t] = hashes[order - 1].whole[t] ^ (window[t] * multiplier);
    }
  }
}

#if defined(__x86_64__)
AVX512 static void make_hashes_avx512(uint32_t max_order, const uint64_t *multipliers,
                                      const windows *w, size_t count, engram_hashes *hashes) {
  make_hashes(max_order, multipliers, w, count, hashes);
}

/// Copies `count` row ids past the caches, whatever the alignment of `to`.
AVX512 static void stream_rows(int64_t *to, const int64_t *from, size_t count) {
  size_t head = (size_t)(-((uintptr_t)to / 8) % 8);
  if (head > count) head = count;
  size_t i = 0;
  for (; i < head; i++) to[i] = from[i];
  for (; i + 8 <= count; i += 8) {
    _mm512_stream_si512((__m512i *)(to + i), _mm512_loadu_si512(from + i));
  }
  for (; i < count; i++) to[i] = from[i];
}

static void finish_streams(void) { _mm_sfence(); }
#else
static void make_hashes_avx512(uint32_t max_order, const uint64_t *multipliers, const windows *w,
                               size_t count, engram_hashes *hashes) {
  make_hashes(max_order, multipliers, w, count, hashes);
}

/// Only the AVX-512 path streams.
static void stream_rows(int64_t *to, const int64_t *from, size_t count) {
  memcpy(to, from, count * sizeof *to);
}

static void finish_streams(void) {}
#endif

void engram_hash_rows(const engram_hash_rule *rule, const int32_t *tokens, const uint8_t *masked,
                      const int32_t *segments, size_t count, uint32_t *recent, int32_t *segment,
                      int64_t *rows, int path) {
  windows w;
  engram_hashes hashes[ENGRAM_HASH_MAX_ORDER + 1];
  int64_t held[BLOCK * STREAM_COLUMNS];
  const engram_hash_group *end = rule->groups + rule->group_count;
  path = engram_hash_path(path);
  int streams = path == ENGRAM_HASH_AVX512 &&
                count * (end[-1].before + end[-1].columns) * sizeof *rows > STREAM_BYTES;
  for (size_t start = 0; start < count; start += BLOCK) {
    size_t size = count - start < BLOCK ? count - start : BLOCK;
    make_windows(rule, &w, tokens + start, masked ? masked + start : NULL,
                 segments ? segments + start : NULL, size, recent, segment);
    const engram_hash_group *group = rule->groups;
    for (uint32_t layer = 0; layer < rule->layers; layer++) {
      const uint64_t *multipliers = rule->multipliers + layer * ENGRAM_HASH_MAX_ORDER;
      if (path == ENGRAM_HASH_AVX512) {
        make_hashes_avx512(rule->max_order, multipliers, &w, size, hashes);
      } else {
        make_hashes(rule->max_order, multipliers, &w, size, hashes);
      }
      for (uint32_t order = 2; order <= rule->max_order; order++) {
        engram_hashes_split(&hashes[order], size, path);
      }
      size_t columns = group->columns;
      int64_t *out = rows + count * group->before + start * columns;
      int holds = streams && columns <= STREAM_COLUMNS;
      int64_t *target = holds ? held : out;
      for (; group < end && group->layer == layer; group++) {
        engram_remainders(group, &hashes[group->order], size, target + group->column, columns,
                          path);
      }
      if (holds) stream_rows(out, held, size * columns);
    }
  }
  if (streams) finish_streams();
}
