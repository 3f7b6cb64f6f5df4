#include "crc32c.h"
#include <string.h>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

/// One step of the table: the CRC of a byte, reflected polynomial 0x82F63B78.
static uint32_t table_entry(uint32_t byte) {
  for (int bit = 0; bit < 8; bit++) byte = byte >> 1 ^ (0x82F63B78u & -(byte & 1));
  return byte;
}

static uint32_t table[256];

__attribute__((constructor)) static void fill_table(void) {
  for (uint32_t byte = 0; byte < 256; byte++) table[byte] = table_entry(byte);
}

uint32_t engram_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *byte = bytes;
  crc = ~crc;
  for (size_t i = 0; i < count; i++) crc = crc >> 8 ^ table[(crc ^ byte[i]) & 255];
  return ~crc;
}

#if defined(__x86_64__)
/// Bytes of each of three neighbouring stretches that are summed side by side: the instruction
/// takes three cycles and starts one each cycle.
enum { STRETCH_BITS = 11, STRETCH = 1 << STRETCH_BITS };

/// What STRETCH and 2 * STRETCH zero bytes do to a state, by the state's four bytes.
static uint32_t shifted[2][4][256];

/// The product of a 32 x 32 matrix over GF(2), given by columns, and a vector.
static uint32_t times(const uint32_t matrix[32], uint32_t vector) {
  uint32_t sum = 0;
  for (int bit = 0; vector; bit++, vector >>= 1)
    if (vector & 1) sum ^= matrix[bit];
  return sum;
}

__attribute__((constructor)) static void fill_shifted(void) {
  // One zero byte, then squared: 2, 4, 8 ... zero bytes.
  uint32_t matrix[32], square[32];
  for (int bit = 0; bit < 32; bit++) {
    uint32_t state = (uint32_t)1 << bit;
    matrix[bit] = state >> 8 ^ table_entry(state & 255);
  }
  for (int power = 0; power <= STRETCH_BITS + 1; power++) {
    for (int byte = 0; power >= STRETCH_BITS && byte < 4; byte++)
      for (uint32_t value = 0; value < 256; value++)
        shifted[power - STRETCH_BITS][byte][value] = times(matrix, value << (8 * byte));
    for (int bit = 0; bit < 32; bit++) square[bit] = times(matrix, matrix[bit]);
    memcpy(matrix, square, sizeof matrix);
  }
}

static inline uint32_t shift(uint32_t state, int which) {
  return shifted[which][0][state & 255] ^ shifted[which][1][state >> 8 & 255] ^
         shifted[which][2][state >> 16 & 255] ^ shifted[which][3][state >> 24];
}

__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(
    uint32_t crc, const uint8_t *byte, size_t count) {
  uint64_t state = (uint32_t)~crc;
  for (; count >= 3 * STRETCH; byte += 3 * STRETCH, count -= 3 * STRETCH) {
    uint64_t second = 0, third = 0;
    for (size_t at = 0; at < STRETCH; at += 8) {
      uint64_t a, b, c;
      memcpy(&a, byte + at, 8);
      memcpy(&b, byte + STRETCH + at, 8);
      memcpy(&c, byte + 2 * STRETCH + at, 8);
      state = _mm_crc32_u64(state, a);
      second = _mm_crc32_u64(second, b);
      third = _mm_crc32_u64(third, c);
    }
    state = shift((uint32_t)state, 1) ^ shift((uint32_t)second, 0) ^ (uint32_t)third;
  }
  for (; count >= 8; byte += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, byte, 8);
    state = _mm_crc32_u64(state, word);
  }
  for (; count > 0; byte++, count--) state = _mm_crc32_u8((uint32_t)state, *byte);
  return ~(uint32_t)state;
}
#endif

uint32_t engram_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc32c_sse42(crc, bytes, count);
#endif
  return engram_crc32c_portable(crc, bytes, count);
}
