#include "packing.h"

#include <string.h>

enum { LANES = 4, ROUNDS = ENGRAM_GROUP / LANES };

uint32_t engram_group_width(const uint32_t *numbers) {
  uint32_t any = 0;
  for (int i = 0; i < ENGRAM_GROUP; i++) any |= numbers[i];
  return any == 0 ? 0 : 32 - (uint32_t)__builtin_clz(any);
}

void engram_pack_group(const uint32_t *numbers, uint32_t width, uint8_t *packed) {
  if (width == 0) return;
  uint32_t words[32][LANES];
  memset(words, 0, sizeof words);
  for (uint32_t round = 0; round < ROUNDS; round++) {
    uint32_t bit = round * width;
    uint32_t word = bit / 32, shift = bit % 32;
    for (int lane = 0; lane < LANES; lane++) {
      uint32_t number = numbers[round * LANES + lane];
      words[word][lane] |= number << shift;
      if (shift + width > 32) words[word + 1][lane] |= number >> (32 - shift);
    }
  }
  memcpy(packed, words, 16 * (size_t)width);
}

// One function a width: shifts and masks become constants, the loop over lanes one instruction.
#define UNPACK(width)                                                                      \
  static void unpack_##width(const uint8_t *packed, uint32_t *numbers) {                   \
    uint32_t words[width][LANES];                                                          \
    memcpy(words, packed, sizeof words);                                                   \
    const uint32_t mask = (uint32_t)((1ull << width) - 1);                                 \
    _Pragma("clang loop unroll(full)") for (uint32_t round = 0; round < ROUNDS; round++) { \
      const uint32_t bit = round * width, word = bit / 32, shift = bit % 32;               \
      for (int lane = 0; lane < LANES; lane++) {                                           \
        uint32_t number = words[word][lane] >> shift;                                      \
        if (shift + width > 32) number |= words[word + 1][lane] << (32 - shift);           \
        numbers[round * LANES + lane] = number & mask;                                     \
      }                                                                                    \
    }                                                                                      \
  }

#define EACH_WIDTH(DO)                                                                        \
  DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12) DO(13) DO(14)    \
  DO(15) DO(16) DO(17) DO(18) DO(19) DO(20) DO(21) DO(22) DO(23) DO(24) DO(25) DO(26) DO(27)  \
  DO(28) DO(29) DO(30) DO(31) DO(32)

EACH_WIDTH(UNPACK)

void engram_unpack_group(const uint8_t *packed, uint32_t width, uint32_t *numbers) {
#define CASE(width)               \
  case width:                     \
    unpack_##width(packed, numbers); \
    return;
  switch (width) {
    EACH_WIDTH(CASE)
    default: memset(numbers, 0, ENGRAM_GROUP * sizeof *numbers);
  }
}
