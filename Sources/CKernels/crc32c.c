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
__attribute__((target("sse4.2"))) static uint32_t crc32c_sse42(
    uint32_t crc, const uint8_t *byte, size_t count) {
  uint64_t state = ~crc;
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
