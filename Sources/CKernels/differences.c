#include "differences.h"
#include "number_bits.h"

enum { BLOCK = 128, LANES = 16, SHIFT = 17 };

/// One block: the bins of its differences, and their sums. Numbers that are left out count as
/// zero in both; the caller takes them out of bin zero again.
CLONES static size_t measure(
    engram_differences *sums, const float *restrict numbers, const float *restrict stored,
    size_t count, uint32_t *restrict bins) {
  double squares[LANES] = {0}, value_squares[LANES] = {0};
  uint32_t largest = 0, left_out = 0;
  float differences[BLOCK], values[BLOCK];
  for (size_t i = 0; i < count; i++) {
    uint32_t other = bits_of(stored[i]) & 0x7FFFFFFF, own = bits_of(numbers[i]) & 0x7FFFFFFF;
    uint32_t finite = other < 0x7F800000 && own < 0x7F800000 ? 0x7FFFFFFF : 0;
    uint32_t bits = bits_of(stored[i] - numbers[i]) & finite;
    // A difference of two finite numbers may be infinite.
    bits = bits < 0x7F800000 ? bits : 0x7F7FFFFF;
    largest = bits > largest ? bits : largest;
    left_out += finite == 0;
    bins[i] = (bits >> SHIFT) + (bits != 0);
    differences[i] = float_of(bits);
    values[i] = float_of(own & finite);
  }
  for (size_t i = count; i < BLOCK; i++) differences[i] = values[i] = 0;
  for (size_t start = 0; start < BLOCK; start += LANES) {
    for (size_t lane = 0; lane < LANES; lane++) {
      double difference = differences[start + lane], value = values[start + lane];
      squares[lane] += difference * difference;
      value_squares[lane] += value * value;
    }
  }
  for (size_t lane = 0; lane < LANES; lane++) {
    sums->squares += squares[lane];
    sums->value_squares += value_squares[lane];
  }
  if (float_of(largest) > sums->largest) sums->largest = float_of(largest);
  return left_out;
}

size_t engram_add_differences(
    engram_differences *sums, const float *numbers, const float *stored, size_t count) {
  size_t left_out = 0;
  for (size_t start = 0; start < count; start += BLOCK) {
    size_t size = count - start < BLOCK ? count - start : BLOCK;
    uint32_t bins[BLOCK];
    size_t out = measure(sums, numbers + start, stored + start, size, bins);
    for (size_t i = 0; i < size; i++)
      sums->histogram[bins[i] * ENGRAM_MAGNITUDE_LANES + i % ENGRAM_MAGNITUDE_LANES]++;
    // Only the sum of a bin's counters means something: one of them may wrap.
    sums->histogram[0] -= out;
    sums->pairs += size - out;
    left_out += out;
  }
  return left_out;
}

float engram_magnitude_of_bin(size_t bin) {
  return bin == 0 ? 0 : float_of((uint32_t)(bin << SHIFT) - 1);
}
