#include "minimum.h"

__attribute__((target_clones("avx512f", "avx2", "default")))
uint32_t engram_minimum_u32(const uint32_t *values, size_t count) {
  uint32_t lowest[16];
  for (size_t lane = 0; lane < 16; lane++) lowest[lane] = UINT32_MAX;
  for (size_t start = 0; start + 16 <= count; start += 16) {
    for (size_t lane = 0; lane < 16; lane++) {
      uint32_t value = values[start + lane];
      lowest[lane] = value < lowest[lane] ? value : lowest[lane];
    }
  }
  uint32_t result = UINT32_MAX;
  for (size_t lane = 0; lane < 16; lane++) result = lowest[lane] < result ? lowest[lane] : result;
  return result;
}
