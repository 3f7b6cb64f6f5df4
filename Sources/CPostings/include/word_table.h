/// A hash table from words to numbers, for counting an index's terms in memory.
#ifndef ENGRAM_WORD_TABLE_H
#define ENGRAM_WORD_TABLE_H
#include <stddef.h>
#include <stdint.h>

typedef struct engram_word_table engram_word_table;

/// An empty table; NULL where there is no memory.
engram_word_table *engram_word_table_create(void);

void engram_word_table_free(engram_word_table *table);

/// Forgets all words and keeps the memory.
void engram_word_table_clear(engram_word_table *table);

/// Bytes of memory that the table holds.
size_t engram_word_table_bytes(const engram_word_table *table);

/// Words in the table.
uint32_t engram_word_table_count(const engram_word_table *table);

/// The value of a word, or UINT32_MAX where it is not there.
uint32_t engram_word_table_find(
    const engram_word_table *table, const uint8_t *word, uint32_t length);

/// Adds a word that is not there; 0 where there is no memory. `length` is at most 65535.
int engram_word_table_insert(
    engram_word_table *table, const uint8_t *word, uint32_t length, uint32_t value);

/// The word that was added as number `index`, in the order of adding.
const uint8_t *engram_word_table_word(
    const engram_word_table *table, uint32_t index, uint32_t *length);

/// Where a word stands: `start` and `length` in a buffer of bytes.
typedef struct {
  uint32_t start;
  uint32_t length;
} engram_word_place;

/// Looks `count` words up; `values[i]` is UINT32_MAX where a word is not there. Returns how many
/// are not.
size_t engram_word_table_find_all(
    const engram_word_table *table, const uint8_t *bytes, const engram_word_place *words,
    size_t count, uint32_t *values);
#endif
