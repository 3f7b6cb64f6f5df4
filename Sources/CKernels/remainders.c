#include "remainders.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

int engram_hash_supports(int path) {
  if (path != ENGRAM_HASH_AVX512) return 1;
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
#else
  return 0;
#endif
}

int engram_hash_path(int path) {
  if (path != ENGRAM_HASH_AUTO && engram_hash_supports(path)) return path;
  return engram_hash_supports(ENGRAM_HASH_AVX512) ? ENGRAM_HASH_AVX512 : ENGRAM_HASH_SCALAR;
}

void engram_hash_group_fill(engram_hash_group *group, const uint64_t *sizes,
                            const uint64_t *offsets, uint32_t lanes) {
  group->lanes = lanes;
  group->wide = 0;
  for (uint32_t lane = 0; lane < ENGRAM_HASH_LANES; lane++) {
    uint64_t size = lane < lanes ? sizes[lane] : 1;
    uint64_t offset = lane < lanes ? offsets[lane] : 0;
    group->size[lane] = size;
    group->reciprocal[lane] = UINT64_MAX / size;
    group->offset[lane] = offset;
    group->divisor[lane] = (double)size;
    group->carry[lane] = (double)(((uint64_t)1 << 48) % size);
    group->inverse[lane] = 1.0 / (double)size * (1.0 + 0x1p-51);
    group->shifted_offset[lane] = 0x1p52 + (double)offset;
    if (size >> 34 || offset >> 50) group->wide = 1;
  }
}

/// Remainder by multiply-high. With m = floor((2^64-1)/p) >= 2^64/p - 1 and h < 2^63,
/// h*m/2^64 > h/p - 1/2, so its floor is h/p's floor or one less: one correction is enough.
static void remainders_scalar(const engram_hash_group *group, const uint64_t *hashes,
                              size_t count, int64_t *rows, size_t stride) {
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
#define AVX512 __attribute__((target("avx512f,avx512dq")))

AVX512 static void split_avx512(engram_hashes *hashes, size_t count) {
  for (size_t t = 0; t < count; t++) {
    hashes->high[t] = (double)(int64_t)(hashes->whole[t] >> 48);
    hashes->low[t] = (double)(int64_t)(hashes->whole[t] & 0xffffffffffff);
  }
}

/// Eight columns a vector, in doubles, for sizes p < 2^34 and hashes h < 2^63. Every step but one
/// is exact, and that one is a floor:
///
/// - x = high * c + low with c = 2^48 mod p is congruent to h. high < 2^15, c < 2^34 and
///   low < 2^48, so x < 2^50: an integer that a double holds.
/// - i = 1/p * (1 + e) with 0 < e < 2^-50: 1/p is rounded to within 2^-53, then multiplied by
///   1 + 2^-51 and rounded once more.
/// - x*i + 2^52 in one rounding, downwards, to a number whose last place is 1: 2^52 +
///   floor(x*i). x*i = x/p + e*x/p, where e*x < 1: the excess is less than 1/p, so it reaches
///   no integer that x/p has not reached, and floor(x*i) = floor(x/p) = q.
/// - (x + 2^52 + offset) - q*p in one rounding is 2^52 + offset + x mod p, below 2^53: exact. The
///   integer is what its bits exceed those of 2^52 by.
AVX512 static void remainders_avx512(const engram_hash_group *group, const engram_hashes *hashes,
                                     size_t count, int64_t *rows, size_t stride) {
  const __m512d divisor = _mm512_loadu_pd(group->divisor);
  const __m512d carry = _mm512_loadu_pd(group->carry);
  const __m512d inverse = _mm512_loadu_pd(group->inverse);
  const __m512d offset = _mm512_loadu_pd(group->shifted_offset);
  const __m512d shift = _mm512_set1_pd(0x1p52);
  const __mmask8 lanes = (__mmask8)((1u << group->lanes) - 1);
  for (size_t t = 0; t < count; t++) {
    __m512d x = _mm512_fmadd_pd(_mm512_set1_pd(hashes->high[t]), carry,
                                _mm512_set1_pd(hashes->low[t]));
    __m512d quotient =
        _mm512_sub_pd(_mm512_fmadd_round_pd(x, inverse, shift,
                                            _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC),
                      shift);
    __m512d row = _mm512_fnmadd_pd(quotient, divisor, _mm512_add_pd(x, offset));
    __m512i bits = _mm512_sub_epi64(_mm512_castpd_si512(row), _mm512_castpd_si512(shift));
    _mm512_mask_storeu_epi64(rows + t * stride, lanes, bits);
  }
}
#endif

void engram_hashes_split(engram_hashes *hashes, size_t count, int path) {
#if defined(__x86_64__)
  if (path == ENGRAM_HASH_AVX512) split_avx512(hashes, count);
#else
  (void)hashes, (void)count, (void)path;
#endif
}

void engram_remainders(const engram_hash_group *group, const engram_hashes *hashes, size_t count,
                       int64_t *rows, size_t stride, int path) {
#if defined(__x86_64__)
  if (path == ENGRAM_HASH_AVX512 && !group->wide) {
    remainders_avx512(group, hashes, count, rows, stride);
    return;
  }
#endif
  (void)path;
  remainders_scalar(group, hashes->whole, count, rows, stride);
}
