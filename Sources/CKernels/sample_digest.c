#include "sample_digest.h"
#include <string.h>

// Odd numbers without a pattern: the first binary digits of the square roots of 2, 3 and 5 behind
// the point, the last of them set.
#define FIRST 0x6A09E667F3BCC909ull
#define SECOND 0xBB67AE8584CAA73Bull
#define THIRD 0x3C6EF372FE94F82Bull

/// The 128-bit product's halves, one folded over the other.
static inline uint64_t fold(uint64_t a, uint64_t b) {
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t engram_sample_digest(const void *bytes, size_t count) {
  const uint8_t *byte = bytes;
  uint64_t state = FIRST, low, high;
  size_t rest = count;
  for (; rest >= 16; byte += 16, rest -= 16) {
    memcpy(&low, byte, 8);
    memcpy(&high, byte + 8, 8);
    state = fold(low ^ SECOND, high ^ state) + THIRD;
  }
  if (rest) {
    uint8_t last[16] = {0};
    memcpy(last, byte, rest);
    memcpy(&low, last, 8);
    memcpy(&high, last + 8, 8);
    state = fold(low ^ SECOND, high ^ state) + THIRD;
  }
  return fold(state ^ SECOND, count ^ FIRST);
}
