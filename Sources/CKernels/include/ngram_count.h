/// Counts of token N-grams of one order in an open-addressing hash table, and that table in order.
#ifndef ENGRAM_NGRAM_COUNT_H
#define ENGRAM_NGRAM_COUNT_H
#include <stddef.h>
#include <stdint.h>

/// The most 64-bit words of a key.
#define ENGRAM_NGRAM_WORDS 3

/// An N-gram's key is its tokens, `bits` each, the first in the highest bits of `order * bits`, as
/// one number of `words` 64-bit words, the highest word first: keys are in the order of the N-grams.
/// A slot is a key and then its count, one more word; a count of 0 marks an empty slot.
typedef struct {
  uint64_t *slots;
  /// Slots; all zero at the start.
  uint64_t capacity;
  /// Slots in use, and how many may be: fewer than `capacity`.
  uint64_t used, limit;
  /// Where keys lie depends on it; a table is the same afterwards, whatever it is.
  uint64_t seed;
  /// Tokens of an N-gram, bits of a token, and words of a key: ceil(order * bits / 64).
  uint32_t order, bits, words;
} engram_ngram_table;

/// Counts the N-grams that begin at `start` and after it; every token is below 2^bits. Returns where
/// the first one begins that was not counted because `limit` is reached, `count` where all were.
size_t engram_ngram_count(
    engram_ngram_table *table, const uint32_t *tokens, size_t count, size_t start);

/// Moves the slots in use to the front, in ascending order of keys. The table can then be read
/// from its first slot on, and must be cleared before it counts again.
void engram_ngram_sort(engram_ngram_table *table);

/// Empties the table.
void engram_ngram_clear(engram_ngram_table *table);

#endif
