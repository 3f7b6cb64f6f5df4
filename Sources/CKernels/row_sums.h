/// Copies of rows whose CRC32C is summed in the same pass: what the gathers of tables and of context
/// blocks share. Only sources of CKernels include it.
#ifndef ENGRAM_ROW_SUMS_H
#define ENGRAM_ROW_SUMS_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#define ENGRAM_X86 1
#define CRC_TARGET __attribute__((target("sse4.2")))

/// How many bytes ahead of a copy its target is asked for, where its sources are.
enum { WRITE_AHEAD = 4096 };

static inline uint64_t word_at(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, 8);
  return word;
}

static inline uint32_t stored_sum(const uint8_t *slot, uint32_t row_bytes) {
  uint32_t sum;
  memcpy(&sum, slot + row_bytes, 4);
  return sum;
}

/// Copies (where `out` is not NULL) and sums one row; the tail that the group of three leaves.
CRC_TARGET static inline uint64_t tail_sum(
    uint64_t state, const uint8_t *bytes, uint8_t *out, uint32_t from, uint32_t row_bytes) {
  uint32_t at = from;
  for (; at + 8 <= row_bytes; at += 8) {
    uint64_t word = word_at(bytes + at);
    if (out) memcpy(out + at, &word, 8);
    state = _mm_crc32_u64(state, word);
  }
  for (; at < row_bytes; at++) {
    if (out) out[at] = bytes[at];
    state = _mm_crc32_u8((uint32_t)state, bytes[at]);
  }
  return state;
}

CRC_TARGET static inline void copy_32(uint8_t *to, const uint8_t *from) {
  __m128i low = _mm_loadu_si128((const __m128i *)from);
  __m128i high = _mm_loadu_si128((const __m128i *)(from + 16));
  _mm_storeu_si128((__m128i *)to, low);
  _mm_storeu_si128((__m128i *)(to + 16), high);
}

/// The same past the caches: what is written is not read again soon. `to` is at a multiple of 16.
CRC_TARGET static inline void stream_32(uint8_t *to, const uint8_t *from) {
  __m128i low = _mm_loadu_si128((const __m128i *)from);
  __m128i high = _mm_loadu_si128((const __m128i *)(from + 16));
  _mm_stream_si128((__m128i *)to, low);
  _mm_stream_si128((__m128i *)(to + 16), high);
}

/// Three rows at once, from `a`, `b`, `c` to `x`, `y`, `z`: the CRC instruction takes three cycles and
/// starts one each cycle, so three independent sums keep it busy and need no merging. `states`
/// go on from where each row's sum stands. `past_caches`: a constant, for outputs at multiples of 16.
/// `ahead`: a constant, how many bytes ahead the sources are asked for: three short rows beside one another
/// are no stream that the processor would follow by itself. 0: the caller asks.
CRC_TARGET static inline __attribute__((always_inline)) void copy_three_rows(
    const uint8_t *a, const uint8_t *b, const uint8_t *c, uint8_t *x, uint8_t *y, uint8_t *z,
    uint64_t states[3], uint32_t row_bytes, int past_caches, size_t ahead) {
  uint64_t p = states[0], q = states[1], r = states[2];
  uint32_t at = 0;
  // The copy goes by vectors, the sums read the words again: fewer stores, and the sums alone
  // are what takes time.
  for (; at + 32 <= row_bytes; at += 32) {
    if (ahead) {
      __builtin_prefetch(a + at + ahead, 0, 2);
      __builtin_prefetch(b + at + ahead, 0, 2);
      __builtin_prefetch(c + at + ahead, 0, 2);
      if (!past_caches) {
        __builtin_prefetch(x + at + WRITE_AHEAD, 1, 2);
        __builtin_prefetch(y + at + WRITE_AHEAD, 1, 2);
        __builtin_prefetch(z + at + WRITE_AHEAD, 1, 2);
      }
    }
    if (past_caches) {
      stream_32(x + at, a + at);
      stream_32(y + at, b + at);
      stream_32(z + at, c + at);
    } else {
      copy_32(x + at, a + at);
      copy_32(y + at, b + at);
      copy_32(z + at, c + at);
    }
    for (uint32_t word = at; word < at + 32; word += 8) {
      p = _mm_crc32_u64(p, word_at(a + word));
      q = _mm_crc32_u64(q, word_at(b + word));
      r = _mm_crc32_u64(r, word_at(c + word));
    }
  }
  states[0] = tail_sum(p, a, x, at, row_bytes);
  states[1] = tail_sum(q, b, y, at, row_bytes);
  states[2] = tail_sum(r, c, z, at, row_bytes);
}

static inline int has_crc_instruction(void) { return __builtin_cpu_supports("sse4.2") != 0; }
#else
static inline int has_crc_instruction(void) { return 0; }
#endif
#endif
