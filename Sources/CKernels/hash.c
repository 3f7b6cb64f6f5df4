#include "hash.h"

#include <string.h>

/// Tokens worked on at once: windows, hashes and the rows of one layer stay in the first cache.
#define BLOCK 64

/// Rows of more bytes than this go to memory past the caches, which they would only flush.
#define STREAM_BYTES ((size_t)4 << 20)

/// The most columns of a layer whose rows are written that way.
#define STREAM_COLUMNS 64

#if defined(__x86_64__)
#include <immintrin.h>
#define AVX512 __attribute__((target("avx512f,avx512dq,avx512vl")))
#endif

int engram_hash_supports(int path) {
  if (path != ENGRAM_HASH_AVX512) return 1;
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
#else
  return 0;
#endif
}

static int chosen(int path) {
  if (path != ENGRAM_HASH_AUTO && engram_hash_supports(path)) return path;
  return engram_hash_supports(ENGRAM_HASH_AVX512) ? ENGRAM_HASH_AVX512 : ENGRAM_HASH_SCALAR;
}

void engram_hash_group_fill(engram_hash_group *group, const uint64_t *sizes,
                            const uint64_t *offsets, uint32_t lanes) {
  group->lanes = lanes;
  group->wide = 0;
  for (uint32_t lane = 0; lane < ENGRAM_HASH_LANES; lane++) {
    uint64_t size = lane < lanes ? sizes[lane] : 1;
    group->size[lane] = size;
    group->reciprocal[lane] = UINT64_MAX / size;
    group->carry[lane] = ((uint64_t)1 << 32) % size;
    group->inverse[lane] = 1.0 / (double)size * (1.0 - 0x1p-50);
    group->offset[lane] = lane < lanes ? offsets[lane] : 0;
    if (size > UINT32_MAX) group->wide = 1;
  }
}

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

/// Windows of a block: windows[k][t] is the (compressed) token k positions before t, or what the
/// boundary rule puts there. `recent` is the window that the next token would see behind it, so
/// a boundary is met once, when it is crossed, by filling it with the boundary token.
static inline __attribute__((always_inline)) void fill_windows(
    const engram_hash_rule *rule, uint32_t order, const int32_t *tokens, const uint8_t *masked,
    const int32_t *segments, size_t count, uint32_t *recent, int32_t *segment,
    uint32_t windows[][BLOCK]) {
  uint32_t seen[ENGRAM_HASH_MAX_ORDER - 1];
  uint32_t edge = rule->boundary_token;
  for (uint32_t k = 0; k + 1 < order; k++) seen[k] = recent[k];
  for (size_t t = 0; t < count; t++) {
    uint32_t value = rule->map ? rule->map[tokens[t]] : (uint32_t)tokens[t];
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
      for (uint32_t k = 0; k + 1 < order; k++) seen[k] = edge;
    }
    windows[0][t] = value;
    for (uint32_t k = 1; k < order; k++) windows[k][t] = seen[k - 1];
    for (uint32_t k = order - 2; k > 0; k--) seen[k] = seen[k - 1];
    seen[0] = value;
    if (rule->boundary == ENGRAM_HASH_END_TOKEN && value == edge) {
      for (uint32_t k = 0; k + 1 < order; k++) seen[k] = edge;
    }
  }
  for (uint32_t k = 0; k + 1 < order; k++) recent[k] = seen[k];
}

static void make_windows(const engram_hash_rule *rule, const int32_t *tokens,
                         const uint8_t *masked, const int32_t *segments, size_t count,
                         uint32_t *recent, int32_t *segment, uint32_t windows[][BLOCK]) {
  // The published lengths as constants, so that the window is held in registers.
  switch (rule->max_order) {
    case 3:
      fill_windows(rule, 3, tokens, masked, segments, count, recent, segment, windows);
      break;
    case 4:
      fill_windows(rule, 4, tokens, masked, segments, count, recent, segment, windows);
      break;
    default:
      fill_windows(rule, rule->max_order, tokens, masked, segments, count, recent, segment,
                   windows);
  }
}

/// hashes[n][t] for orders n = 2...max_order: each order adds one product to the one before.
static inline __attribute__((always_inline)) void make_hashes(
    uint32_t max_order, const uint64_t *multipliers, uint32_t windows[][BLOCK], size_t count,
    uint64_t hashes[][BLOCK]) {
  for (size_t t = 0; t < count; t++) {
    hashes[2][t] = (windows[0][t] * multipliers[0]) ^ (windows[1][t] * multipliers[1]);
  }
  for (uint32_t order = 3; order <= max_order; order++) {
    uint64_t multiplier = multipliers[order - 1];
    for (size_t t = 0; t < count; t++) {
      hashes[order][t] = hashes[order - 1][t] ^ (windows[order - 1][t] * multiplier);
    }
  }
}

/// Remainder by multiply-high. With m = floor((2^64-1)/p) >= 2^64/p - 1 and h < 2^63,
/// h*m/2^64 > h/p - 1/2, so its floor is h/p's floor or one less: one correction is enough.
static void reduce_scalar(const engram_hash_group *group, const uint64_t *hashes, size_t count,
                          int64_t *rows, size_t stride) {
  for (size_t t = 0; t < count; t++) {
    uint64_t hash = hashes[t];
    for (uint32_t lane = 0; lane < group->lanes; lane++) {
      uint64_t size = group->size[lane];
      uint64_t quotient =
          (uint64_t)(((unsigned __int128)hash * group->reciprocal[lane]) >> 64);
      uint64_t rest = hash - quotient * size;
      rest = rest >= size ? rest - size : rest;
      rows[t * stride + lane] = (int64_t)(rest + group->offset[lane]);
    }
  }
}

#if defined(__x86_64__)
/// Eight columns a vector, for sizes p < 2^32 and hashes h < 2^63. Exact, because:
///
/// - x = (h >> 32) * c + (h mod 2^32) with c = 2^32 mod p is congruent to h and below 2^63;
///   x / p < 2^31 + 2^32 / p <= 2^32.
/// - The estimate is double(x) * i rounded, with i = 1/p * (1 - 2^-50). Four roundings add at
///   most 2^-51 in relative terms (4 * 2^-53 and products of them, while 2^-50 is taken off), so
///   it is never above x / p, and below it by less than 2^32 * 2^-49 = 2^-17.
/// - Its integer part q is therefore floor(x / p) or one less, so x - q * p is in [0, 2p).
/// - min(r, r - p) as unsigned numbers takes off the one p that may be left over.
AVX512 static void reduce_avx512(const engram_hash_group *group, const uint64_t *hashes,
                                 size_t count, int64_t *rows, size_t stride) {
  const __m512i size = _mm512_loadu_si512(group->size);
  const __m512i carry = _mm512_loadu_si512(group->carry);
  const __m512d inverse = _mm512_loadu_pd(group->inverse);
  const __m512i offset = _mm512_loadu_si512(group->offset);
  const __m512i low_half = _mm512_set1_epi64(0xffffffff);
  const __mmask8 lanes = (__mmask8)((1u << group->lanes) - 1);
  for (size_t t = 0; t < count; t++) {
    __m512i hash = _mm512_set1_epi64((int64_t)hashes[t]);
    __m512i high = _mm512_srli_epi64(hash, 32);
    __m512i low = _mm512_and_si512(hash, low_half);
    __m512i x = _mm512_add_epi64(_mm512_mul_epu32(high, carry), low);
    __m512d estimate = _mm512_mul_pd(_mm512_cvtepi64_pd(x), inverse);
    __m512i quotient = _mm512_cvttpd_epi64(estimate);
    __m512i rest = _mm512_sub_epi64(x, _mm512_mul_epu32(quotient, size));
    rest = _mm512_min_epu64(rest, _mm512_sub_epi64(rest, size));
    _mm512_mask_storeu_epi64(rows + t * stride, lanes, _mm512_add_epi64(rest, offset));
  }
}

AVX512 static void make_hashes_avx512(uint32_t max_order, const uint64_t *multipliers,
                                      uint32_t windows[][BLOCK], size_t count,
                                      uint64_t hashes[][BLOCK]) {
  make_hashes(max_order, multipliers, windows, count, hashes);
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
/// Only the AVX-512 path streams.
static void stream_rows(int64_t *to, const int64_t *from, size_t count) {
  memcpy(to, from, count * sizeof *to);
}

static void finish_streams(void) {}

static void make_hashes_avx512(uint32_t max_order, const uint64_t *multipliers,
                               uint32_t windows[][BLOCK], size_t count,
                               uint64_t hashes[][BLOCK]) {
  make_hashes(max_order, multipliers, windows, count, hashes);
}
#endif

static void reduce(const engram_hash_group *group, const uint64_t *hashes, size_t count,
                   int64_t *rows, size_t stride, int path) {
#if defined(__x86_64__)
  if (path == ENGRAM_HASH_AVX512 && !group->wide) {
    reduce_avx512(group, hashes, count, rows, stride);
    return;
  }
#endif
  (void)path;
  reduce_scalar(group, hashes, count, rows, stride);
}

void engram_hash_remainders(const engram_hash_group *group, const uint64_t *hashes, size_t count,
                            int64_t *rows, int path) {
  reduce(group, hashes, count, rows, group->lanes, chosen(path));
}

void engram_hash_rows(const engram_hash_rule *rule, const int32_t *tokens, const uint8_t *masked,
                      const int32_t *segments, size_t count, uint32_t *recent, int32_t *segment,
                      int64_t *rows, int path) {
  uint32_t windows[ENGRAM_HASH_MAX_ORDER][BLOCK];
  uint64_t hashes[ENGRAM_HASH_MAX_ORDER + 1][BLOCK];
  path = chosen(path);
  const engram_hash_group *last = rule->groups + rule->group_count - 1;
  int streams = path == ENGRAM_HASH_AVX512 &&
                count * (last->before + last->columns) * sizeof *rows > STREAM_BYTES;
  int64_t held[BLOCK * STREAM_COLUMNS];
  for (size_t start = 0; start < count; start += BLOCK) {
    size_t size = count - start < BLOCK ? count - start : BLOCK;
    make_windows(rule, tokens + start, masked ? masked + start : NULL,
                 segments ? segments + start : NULL, size, recent, segment, windows);
    const engram_hash_group *group = rule->groups;
    const engram_hash_group *end = group + rule->group_count;
    for (uint32_t layer = 0; layer < rule->layers; layer++) {
      const uint64_t *multipliers = rule->multipliers + layer * ENGRAM_HASH_MAX_ORDER;
      if (path == ENGRAM_HASH_AVX512) {
        make_hashes_avx512(rule->max_order, multipliers, windows, size, hashes);
      } else {
        make_hashes(rule->max_order, multipliers, windows, size, hashes);
      }
      // Every layer has a group: one order at least, one head at least.
      size_t columns = group->columns;
      int64_t *out = rows + count * group->before + start * columns;
      int holds = streams && columns <= STREAM_COLUMNS;
      int64_t *target = holds ? held : out;
      for (; group < end && group->layer == layer; group++) {
        reduce(group, hashes[group->order], size, target + group->column, columns, path);
      }
      if (holds) stream_rows(out, held, size * columns);
    }
  }
  if (streams) finish_streams();
}
