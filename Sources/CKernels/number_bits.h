/// What the kernels that decode and encode rows share: the bits of numbers.
#ifndef ENGRAM_NUMBER_BITS_H
#define ENGRAM_NUMBER_BITS_H
#include <stdint.h>
#include <string.h>

#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))

static inline float float_of(uint32_t bits) {
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static inline uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return bits;
}

/// bfloat16, to nearest, ties to even; NaN stays NaN.
static inline uint16_t bf16_of(float value) {
  uint32_t bits = bits_of(value);
  uint32_t rounded = bits + 0x7FFF + (bits >> 16 & 1);
  return (uint16_t)((bits & 0x7FFFFFFF) > 0x7F800000 ? (bits | 0x400000) >> 16 : rounded >> 16);
}

#endif
