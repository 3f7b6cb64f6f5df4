#include "sha256.h"
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>

#define SHA_TARGET __attribute__((target("sha,sse4.1,ssse3")))

// FIPS 180-4, section 4.2.2.
static const uint32_t round_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// A state as the instructions take it: words a, b, e, f and c, d, g, h.
typedef struct {
  __m128i abef, cdgh;
} sha_state;

SHA_TARGET static inline __m128i load_words(const uint8_t *bytes) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)bytes), big_endian);
}

/// Sixteen groups of four rounds, group `g` of both messages before group `g + 1` of either.
SHA_TARGET static void compress_pair(
    sha_state *a, sha_state *b, const uint8_t *block_a, const uint8_t *block_b, size_t blocks) {
  for (; blocks > 0; blocks--, block_a += 64, block_b += 64) {
    sha_state x = *a, y = *b;
    __m128i u[4], v[4];
#pragma clang loop unroll(full)
    for (int group = 0; group < 16; group++) {
      const int now = group & 3;
      if (group < 4) {
        u[now] = load_words(block_a + 16 * group);
        v[now] = load_words(block_b + 16 * group);
      } else {
        const int last = (group - 1) & 3, before = (group - 2) & 3, next = (group - 3) & 3;
        u[now] = _mm_sha256msg2_epu32(
            _mm_add_epi32(
                _mm_sha256msg1_epu32(u[now], u[next]), _mm_alignr_epi8(u[last], u[before], 4)),
            u[last]);
        v[now] = _mm_sha256msg2_epu32(
            _mm_add_epi32(
                _mm_sha256msg1_epu32(v[now], v[next]), _mm_alignr_epi8(v[last], v[before], 4)),
            v[last]);
      }
      const __m128i constants =
          _mm_loadu_si128((const __m128i *)(round_constants + 4 * group));
      __m128i p = _mm_add_epi32(u[now], constants), q = _mm_add_epi32(v[now], constants);
      x.cdgh = _mm_sha256rnds2_epu32(x.cdgh, x.abef, p);
      y.cdgh = _mm_sha256rnds2_epu32(y.cdgh, y.abef, q);
      p = _mm_shuffle_epi32(p, 0x0E);
      q = _mm_shuffle_epi32(q, 0x0E);
      x.abef = _mm_sha256rnds2_epu32(x.abef, x.cdgh, p);
      y.abef = _mm_sha256rnds2_epu32(y.abef, y.cdgh, q);
    }
    a->abef = _mm_add_epi32(a->abef, x.abef);
    a->cdgh = _mm_add_epi32(a->cdgh, x.cdgh);
    b->abef = _mm_add_epi32(b->abef, y.abef);
    b->cdgh = _mm_add_epi32(b->cdgh, y.cdgh);
  }
}

/// The message's last bytes, the number, and the padding of FIPS 180-4, section 5.1.1: one block
/// or two.
static size_t make_tail(
    uint8_t tail[128], const uint8_t *rest, size_t rest_count, uint64_t number, size_t total) {
  memset(tail, 0, 128);
  if (rest_count) memcpy(tail, rest, rest_count);
  memcpy(tail + rest_count, &number, 8);
  tail[rest_count + 8] = 0x80;
  size_t blocks = rest_count + 8 + 1 + 8 <= 64 ? 1 : 2;
  uint64_t bits = (uint64_t)total * 8;
  for (int i = 0; i < 8; i++) tail[blocks * 64 - 1 - i] = (uint8_t)(bits >> (8 * i));
  return blocks;
}

SHA_TARGET static void write_digest(sha_state state, uint8_t digest[32]) {
  uint32_t abef[4], cdgh[4];
  _mm_storeu_si128((__m128i *)abef, state.abef);
  _mm_storeu_si128((__m128i *)cdgh, state.cdgh);
  const uint32_t words[8] = {abef[3], abef[2], cdgh[3], cdgh[2], abef[1], abef[0], cdgh[1], cdgh[0]};
  for (int i = 0; i < 8; i++)
    for (int byte = 0; byte < 4; byte++)
      digest[4 * i + byte] = (uint8_t)(words[i] >> (24 - 8 * byte));
}

SHA_TARGET static void pair_with_instructions(
    const uint8_t *a, uint64_t tail_a, const uint8_t *b, uint64_t tail_b, size_t count,
    uint8_t digest_a[32], uint8_t digest_b[32]) {
  // FIPS 180-4, section 5.3.3, in the instructions' order.
  const sha_state start = {
      _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
      _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19)};
  sha_state x = start, y = start;
  compress_pair(&x, &y, a, b, count / 64);
  uint8_t last_a[128], last_b[128];
  const size_t rest = count % 64;
  size_t blocks = make_tail(last_a, a + (count - rest), rest, tail_a, count + 8);
  make_tail(last_b, b + (count - rest), rest, tail_b, count + 8);
  compress_pair(&x, &y, last_a, last_b, blocks);
  write_digest(x, digest_a);
  write_digest(y, digest_b);
}

int engram_sha256_pair_is_supported(void) {
  unsigned int a = 7, b = 0, c = 0, d = 0;
  __asm__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return (b >> 29 & 1) && __builtin_cpu_supports("sse4.1");
}
#else
int engram_sha256_pair_is_supported(void) { return 0; }
#endif

void engram_sha256_pair(
    const uint8_t *a, uint64_t tail_a, const uint8_t *b, uint64_t tail_b, size_t count,
    uint8_t digest_a[32], uint8_t digest_b[32]) {
#if defined(__x86_64__)
  pair_with_instructions(a, tail_a, b, tail_b, count, digest_a, digest_b);
#else
  (void)a, (void)tail_a, (void)b, (void)tail_b, (void)count, (void)digest_a, (void)digest_b;
#endif
}
