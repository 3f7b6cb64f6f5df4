/// BM25 in fixed point: parts of scores are whole numbers, so that their sum is the same in any
/// order, on any machine, in any segment.
#ifndef ENGRAM_SCORING_H
#define ENGRAM_SCORING_H
#include <stddef.h>
#include <stdint.h>

/// The part of a term: weight / (1 + (base + slope * length) / frequency), rounded down, which
/// grows with the frequency and falls with the passage's length, after rounding too.
typedef struct {
  /// Inverse document frequency, times occurrences in the question, times the unit.
  float weight;
  /// k1 * (1 - b).
  float base;
  /// k1 * b / average length.
  float slope;
} engram_term_score;

/// One part.
uint32_t engram_score(const engram_term_score *term, uint32_t frequency, uint32_t length);

/// Adds the parts of `count` postings to `sums[passage - first]`. All passages are in
/// first..<first + the window's size, and below the number of `lengths`.
void engram_add_scores(
    const engram_term_score *term, const uint32_t *passages, const uint32_t *frequencies,
    size_t count, const uint16_t *lengths, uint32_t first, uint32_t *sums);

/// Writes to `found` the places 0..<count, in order, of sums that are at least `least` and not 0,
/// and sets all sums to 0; the sum of found place i goes to `values[i]`. Returns how many.
size_t engram_collect(
    uint32_t *sums, size_t count, uint32_t least, uint32_t *found, uint32_t *values);

/// Passages of a block from their distances: numbers[i] becomes base + the sum of numbers[0...i]
/// + i + 1, modulo 2^32; `base` is the last passage of the block before, or UINT32_MAX.
void engram_sum_distances(uint32_t *numbers, size_t count, uint32_t base);

/// How many of `count` passages, all below 64 * the number of `words`, have a bit in `words`.
size_t engram_count_in_set(const uint32_t *passages, size_t count, const uint64_t *words);
#endif
