#include "scoring.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Parts must be equal wherever they are computed, so no product and sum may become one step.
#pragma STDC FP_CONTRACT OFF

uint32_t engram_score(const engram_term_score *term, uint32_t frequency, uint32_t length) {
  float norm = term->base + term->slope * (float)length;
  float part = term->weight / (1.0f + norm / (float)frequency);
  return (uint32_t)(int32_t)part;
}

enum { AT_ONCE = 128 };

__attribute__((target_clones("avx512f", "avx2", "default"))) static void score_group(
    const engram_term_score *term, const uint32_t *frequencies, const uint32_t *lengths,
    size_t count, int32_t *parts) {
  const float weight = term->weight, base = term->base, slope = term->slope;
  for (size_t i = 0; i < count; i++) {
    float norm = base + slope * (float)(int32_t)lengths[i];
    parts[i] = (int32_t)(weight / (1.0f + norm / (float)(int32_t)frequencies[i]));
  }
}

void engram_add_scores(
    const engram_term_score *term, const uint32_t *passages, const uint32_t *frequencies,
    size_t count, const uint16_t *lengths, uint32_t first, uint32_t *sums) {
  uint32_t length[AT_ONCE];
  int32_t parts[AT_ONCE];
  while (count > 0) {
    size_t some = count < AT_ONCE ? count : AT_ONCE;
    for (size_t i = 0; i < some; i++) length[i] = lengths[passages[i]];
    score_group(term, frequencies, length, some, parts);
    for (size_t i = 0; i < some; i++) sums[passages[i] - first] += (uint32_t)parts[i];
    passages += some;
    frequencies += some;
    count -= some;
  }
}

size_t engram_collect(
    uint32_t *sums, size_t count, uint32_t least, uint32_t *found, uint32_t *values) {
  if (least == 0) least = 1;
  size_t total = 0, i = 0;
  // Nearly all sums are too small: sixteen at once are looked at.
  for (; i + 16 <= count; i += 16) {
    uint32_t any = 0;
    for (size_t j = 0; j < 16; j++) any |= (uint32_t)(sums[i + j] >= least);
    if (any) {
      for (size_t j = 0; j < 16; j++) {
        found[total] = (uint32_t)(i + j);
        values[total] = sums[i + j];
        total += sums[i + j] >= least;
      }
    }
  }
  for (; i < count; i++) {
    if (sums[i] >= least) {
      found[total] = (uint32_t)i;
      values[total] = sums[i];
      total++;
    }
  }
  memset(sums, 0, count * sizeof *sums);
  return total;
}

void engram_sum_distances(uint32_t *numbers, size_t count, uint32_t base) {
  uint32_t last = base;
  for (size_t i = 0; i < count; i++) {
    last += numbers[i] + 1;
    numbers[i] = last;
  }
}

size_t engram_count_in_set(const uint32_t *passages, size_t count, const uint64_t *words) {
  size_t total = 0;
  for (size_t i = 0; i < count; i++) {
    total += words[passages[i] >> 6] >> (passages[i] & 63) & 1;
  }
  return total;
}
