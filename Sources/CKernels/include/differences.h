/// How far numbers are from what they should be.
#ifndef ENGRAM_DIFFERENCES_H
#define ENGRAM_DIFFERENCES_H
#include <stddef.h>
#include <stdint.h>

/// Bins of a histogram of magnitudes: 64 an octave, each as wide as 1/64 of where its octave
/// begins; the first is for zero alone.
#define ENGRAM_MAGNITUDE_BINS 16321
/// Counters a bin: neighbours in the input count in different ones, so that none waits.
#define ENGRAM_MAGNITUDE_LANES 4

/// Sums over pairs of numbers. Zero at the start, but for the histogram's memory.
typedef struct {
  /// Pairs in which both numbers are finite; all that follows is about those.
  uint64_t pairs;
  /// The largest magnitude of a difference.
  float largest;
  /// Sum of the squares of the differences.
  double squares;
  /// Sum of the squares of the numbers themselves.
  double value_squares;
  /// ENGRAM_MAGNITUDE_BINS * ENGRAM_MAGNITUDE_LANES counters, bin by bin.
  uint64_t *histogram;
} engram_differences;

/// Adds the differences between `count` numbers and what became of them.
/// Returns how many pairs it left out: those with a number that is infinite or NaN.
size_t engram_add_differences(
    engram_differences *sums, const float *numbers, const float *stored, size_t count);

/// The largest magnitude that counts in a bin.
float engram_magnitude_of_bin(size_t bin);

#endif
