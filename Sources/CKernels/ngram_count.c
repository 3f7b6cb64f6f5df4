#include "ngram_count.h"

#include <string.h>

// Keys hashed ahead of the slots that are looked at, so that memory is at hand when they are.
enum { AHEAD = 32 };

// Fewer slots than this are sorted by insertion.
enum { FEW = 24 };

// The finaliser of SplitMix64 (S. Vigna's public-domain splitmix64.c).
static inline uint64_t mix(uint64_t word) {
  word = (word ^ word >> 30) * 0xBF58476D1CE4E5B9ull;
  word = (word ^ word >> 27) * 0x94D049BB133111EBull;
  return word ^ word >> 31;
}

static inline __attribute__((always_inline)) uint64_t slot_of(
    const uint64_t *key, uint64_t seed, uint64_t capacity, const uint32_t words) {
  uint64_t hash = seed;
  for (uint32_t word = 0; word < words; word++) hash = mix(hash ^ key[word]);
  return (uint64_t)((unsigned __int128)hash * capacity >> 64);
}

// The last `order` tokens as a key: one token further.
static inline __attribute__((always_inline)) void shift_in(
    uint64_t *key, const uint64_t *mask, uint32_t token, uint32_t bits, const uint32_t words) {
  for (uint32_t word = 0; word + 1 < words; word++)
    key[word] = (key[word] << bits | key[word + 1] >> (64 - bits)) & mask[word];
  key[words - 1] = (key[words - 1] << bits | token) & mask[words - 1];
}

static inline __attribute__((always_inline)) size_t count_words(
    engram_ngram_table *table, const uint32_t *tokens, size_t count, size_t start,
    const uint32_t words) {
  const uint32_t order = table->order, bits = table->bits;
  const uint64_t capacity = table->capacity;
  if (count < order || start > count - order) return count;
  uint64_t mask[ENGRAM_NGRAM_WORDS];
  for (uint32_t word = 0; word < words; word++) mask[word] = UINT64_MAX;
  const uint32_t top = order * bits - 64 * (words - 1);
  if (top < 64) mask[0] = (1ull << top) - 1;
  uint64_t key[ENGRAM_NGRAM_WORDS] = {0};
  for (size_t at = start; at + 1 < start + order; at++)
    shift_in(key, mask, tokens[at], bits, words);

  uint64_t keys[AHEAD][ENGRAM_NGRAM_WORDS];
  uint64_t places[AHEAD];
  const size_t end = count - order + 1;
  for (size_t first = start; first < end; first += AHEAD) {
    const size_t some = end - first < AHEAD ? end - first : AHEAD;
    for (size_t index = 0; index < some; index++) {
      shift_in(key, mask, tokens[first + index + order - 1], bits, words);
      for (uint32_t word = 0; word < words; word++) keys[index][word] = key[word];
      places[index] = slot_of(key, table->seed, capacity, words);
      __builtin_prefetch(table->slots + places[index] * (words + 1), 1);
    }
    for (size_t index = 0; index < some; index++) {
      uint64_t place = places[index];
      while (1) {
        uint64_t *slot = table->slots + place * (words + 1);
        if (slot[words] == 0) {
          if (table->used >= table->limit) return first + index;
          for (uint32_t word = 0; word < words; word++) slot[word] = keys[index][word];
          slot[words] = 1;
          table->used++;
          break;
        }
        int is_equal = 1;
        for (uint32_t word = 0; word < words; word++)
          is_equal &= slot[word] == keys[index][word];
        if (is_equal) {
          slot[words]++;
          break;
        }
        if (++place == capacity) place = 0;
      }
    }
  }
  return count;
}

size_t engram_ngram_count(
    engram_ngram_table *table, const uint32_t *tokens, size_t count, size_t start) {
  switch (table->words) {
    case 1: return count_words(table, tokens, count, start, 1);
    case 2: return count_words(table, tokens, count, start, 2);
    default: return count_words(table, tokens, count, start, 3);
  }
}

// MARK: Sorting, in place: by bytes from the highest on, each by cycles of moves ("American flag
// sort": P. McIlroy, K. Bostic and M. D. McIlroy, "Engineering radix sort", 1993), by insertion where
// few slots are left.

static inline __attribute__((always_inline)) int is_below(
    const uint64_t *a, const uint64_t *b, const uint32_t words) {
  for (uint32_t word = 0; word + 1 < words; word++)
    if (a[word] != b[word]) return a[word] < b[word];
  return a[words - 1] < b[words - 1];
}

static inline __attribute__((always_inline)) void move(
    uint64_t *to, const uint64_t *from, const uint32_t words) {
  for (uint32_t word = 0; word <= words; word++) to[word] = from[word];
}

static inline __attribute__((always_inline)) void insertion(
    uint64_t *slots, size_t count, const uint32_t words) {
  const size_t stride = words + 1;
  for (size_t index = 1; index < count; index++) {
    uint64_t slot[ENGRAM_NGRAM_WORDS + 1];
    move(slot, slots + index * stride, words);
    size_t place = index;
    while (place > 0 && is_below(slot, slots + (place - 1) * stride, words)) {
      move(slots + place * stride, slots + (place - 1) * stride, words);
      place--;
    }
    move(slots + place * stride, slot, words);
  }
}

// Byte number `level` of a key, 0 the lowest.
static inline __attribute__((always_inline)) unsigned byte_of(
    const uint64_t *slot, int level, const uint32_t words) {
  return slot[words - 1 - level / 8] >> (8 * (level % 8)) & 0xFF;
}

// The recursion goes as deep as keys have bytes: 24 at the most.
#define SORT_OF(WORDS)                                                                      \
  static void sort##WORDS(uint64_t *slots, size_t count, int level) {                       \
    const size_t stride = WORDS + 1;                                                        \
    while (level >= 0) {                                                                    \
      if (count <= FEW) {                                                                   \
        insertion(slots, count, WORDS);                                                     \
        return;                                                                             \
      }                                                                                     \
      size_t ends[256] = {0}, starts[256];                                                  \
      for (size_t index = 0; index < count; index++)                                        \
        ends[byte_of(slots + index * stride, level, WORDS)]++;                              \
      if (ends[byte_of(slots, level, WORDS)] == count) {                                    \
        level--;                                                                            \
        continue;                                                                           \
      }                                                                                     \
      size_t sum = 0;                                                                       \
      for (int byte = 0; byte < 256; byte++) {                                              \
        starts[byte] = sum;                                                                 \
        sum += ends[byte];                                                                  \
        ends[byte] = sum;                                                                   \
      }                                                                                     \
      for (int byte = 0; byte < 256; byte++) {                                              \
        while (starts[byte] < ends[byte]) {                                                 \
          uint64_t slot[ENGRAM_NGRAM_WORDS + 1], other[ENGRAM_NGRAM_WORDS + 1];             \
          uint64_t *place = slots + starts[byte] * stride;                                  \
          move(slot, place, WORDS);                                                         \
          unsigned home = byte_of(slot, level, WORDS);                                      \
          while (home != (unsigned)byte) {                                                  \
            uint64_t *target = slots + starts[home]++ * stride;                             \
            move(other, target, WORDS);                                                     \
            move(target, slot, WORDS);                                                      \
            move(slot, other, WORDS);                                                       \
            home = byte_of(slot, level, WORDS);                                             \
          }                                                                                 \
          move(place, slot, WORDS);                                                         \
          starts[byte]++;                                                                   \
        }                                                                                   \
      }                                                                                     \
      size_t first = 0;                                                                     \
      for (int byte = 0; byte < 256; byte++) {                                              \
        if (ends[byte] - first > 1)                                                         \
          sort##WORDS(slots + first * stride, ends[byte] - first, level - 1);               \
        first = ends[byte];                                                                 \
      }                                                                                     \
      return;                                                                               \
    }                                                                                       \
  }

SORT_OF(1)
SORT_OF(2)
SORT_OF(3)

void engram_ngram_sort(engram_ngram_table *table) {
  const size_t stride = table->words + 1;
  size_t used = 0;
  for (size_t index = 0; index < table->capacity && used < table->used; index++) {
    const uint64_t *slot = table->slots + index * stride;
    if (slot[table->words] == 0) continue;
    if (used != index) memcpy(table->slots + used * stride, slot, stride * sizeof(uint64_t));
    used++;
  }
  const int level = (int)(table->order * table->bits - 1) / 8;
  switch (table->words) {
    case 1: sort1(table->slots, used, level); break;
    case 2: sort2(table->slots, used, level); break;
    default: sort3(table->slots, used, level); break;
  }
}

void engram_ngram_clear(engram_ngram_table *table) {
  memset(table->slots, 0, table->capacity * (table->words + 1) * sizeof(uint64_t));
  table->used = 0;
}
