#include "word_table.h"

#include <stdlib.h>
#include <string.h>

// A slot of the open-addressing table: the hash's upper half and the word's number plus one.
typedef struct {
  uint32_t tag;
  uint32_t index;
} slot;

typedef struct {
  uint64_t offset;
  uint32_t length;
  uint32_t value;
} entry;

struct engram_word_table {
  slot *slots;
  uint32_t mask;
  entry *entries;
  uint32_t count, capacity;
  uint8_t *bytes;
  size_t used, room;
};

static uint64_t load(const uint8_t *bytes, uint32_t length) {
  uint64_t word = 0;
  memcpy(&word, bytes, length);
  return word;
}

static uint64_t mix(uint64_t a, uint64_t b) {
  __uint128_t product = (__uint128_t)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// Two odd constants without structure: digits of e and pi.
static const uint64_t SEED_A = 0x2B7E151628AED2A7ull, SEED_B = 0x243F6A8885A308D3ull;

static uint64_t hash_word(const uint8_t *word, uint32_t length) {
  uint64_t hash = SEED_A ^ length;
  while (length > 8) {
    uint64_t part;
    memcpy(&part, word, 8);
    hash = mix(hash ^ part, SEED_B);
    word += 8;
    length -= 8;
  }
  switch (length) {
    case 8: {
      uint64_t part;
      memcpy(&part, word, 8);
      return mix(hash ^ part, SEED_B);
    }
    default: {
      uint64_t part;
      if (length >= 4) {
        uint32_t low, high;
        memcpy(&low, word, 4);
        memcpy(&high, word + length - 4, 4);
        part = (uint64_t)high << 32 | low;
      } else {
        part = load(word, length);
      }
      return mix(hash ^ part, SEED_B);
    }
  }
}

enum { FIRST_SLOTS = 1 << 14, FIRST_ENTRIES = 1 << 12, FIRST_BYTES = 1 << 16 };

engram_word_table *engram_word_table_create(void) {
  engram_word_table *table = calloc(1, sizeof *table);
  if (!table) return NULL;
  table->slots = calloc(FIRST_SLOTS, sizeof(slot));
  table->mask = FIRST_SLOTS - 1;
  table->entries = malloc(FIRST_ENTRIES * sizeof(entry));
  table->capacity = FIRST_ENTRIES;
  table->bytes = malloc(FIRST_BYTES);
  table->room = FIRST_BYTES;
  if (!table->slots || !table->entries || !table->bytes) {
    engram_word_table_free(table);
    return NULL;
  }
  return table;
}

void engram_word_table_free(engram_word_table *table) {
  free(table->slots);
  free(table->entries);
  free(table->bytes);
  free(table);
}

void engram_word_table_clear(engram_word_table *table) {
  memset(table->slots, 0, ((size_t)table->mask + 1) * sizeof(slot));
  table->count = 0;
  table->used = 0;
}

size_t engram_word_table_bytes(const engram_word_table *table) {
  return ((size_t)table->mask + 1) * sizeof(slot) + table->capacity * sizeof(entry) + table->room;
}

uint32_t engram_word_table_count(const engram_word_table *table) { return table->count; }

static uint32_t find(
    const engram_word_table *table, uint64_t hash, const uint8_t *word, uint32_t length) {
  uint32_t tag = (uint32_t)(hash >> 32);
  for (uint32_t place = (uint32_t)hash & table->mask;; place = (place + 1) & table->mask) {
    slot found = table->slots[place];
    if (found.index == 0) return UINT32_MAX;
    if (found.tag != tag) continue;
    const entry *it = &table->entries[found.index - 1];
    if (it->length == length && memcmp(table->bytes + it->offset, word, length) == 0) {
      return it->value;
    }
  }
}

uint32_t engram_word_table_find(
    const engram_word_table *table, const uint8_t *word, uint32_t length) {
  return find(table, hash_word(word, length), word, length);
}

static void place_slot(slot *slots, uint32_t mask, uint64_t hash, uint32_t index) {
  uint32_t place = (uint32_t)hash & mask;
  while (slots[place].index != 0) place = (place + 1) & mask;
  slots[place] = (slot){.tag = (uint32_t)(hash >> 32), .index = index};
}

static int grow_slots(engram_word_table *table) {
  uint32_t mask = table->mask * 2 + 1;
  slot *slots = calloc((size_t)mask + 1, sizeof(slot));
  if (!slots) return 0;
  for (uint32_t index = 0; index < table->count; index++) {
    const entry *it = &table->entries[index];
    place_slot(slots, mask, hash_word(table->bytes + it->offset, it->length), index + 1);
  }
  free(table->slots);
  table->slots = slots;
  table->mask = mask;
  return 1;
}

int engram_word_table_insert(
    engram_word_table *table, const uint8_t *word, uint32_t length, uint32_t value) {
  if (table->count >= table->mask / 2 && !grow_slots(table)) return 0;
  if (table->count == table->capacity) {
    entry *entries = realloc(table->entries, 2 * (size_t)table->capacity * sizeof(entry));
    if (!entries) return 0;
    table->entries = entries;
    table->capacity *= 2;
  }
  if (table->room - table->used < length) {
    size_t room = 2 * table->room + length;
    uint8_t *bytes = realloc(table->bytes, room);
    if (!bytes) return 0;
    table->bytes = bytes;
    table->room = room;
  }
  memcpy(table->bytes + table->used, word, length);
  table->entries[table->count] = (entry){.offset = table->used, .length = length, .value = value};
  table->used += length;
  table->count++;
  place_slot(table->slots, table->mask, hash_word(word, length), table->count);
  return 1;
}

const uint8_t *engram_word_table_word(
    const engram_word_table *table, uint32_t index, uint32_t *length) {
  const entry *it = &table->entries[index];
  *length = it->length;
  return table->bytes + it->offset;
}

size_t engram_word_table_find_all(
    const engram_word_table *table, const uint8_t *bytes, const engram_word_place *words,
    size_t count, uint32_t *values) {
  // Slots are asked for a few words ahead: the table is larger than the caches.
  enum { AHEAD = 8 };
  uint64_t hashes[AHEAD];
  size_t missing = 0;
  for (size_t i = 0; i < count + AHEAD; i++) {
    if (i >= AHEAD) {
      size_t at = i - AHEAD;
      values[at] = find(table, hashes[at % AHEAD], bytes + words[at].start, words[at].length);
      missing += values[at] == UINT32_MAX;
    }
    if (i < count) {
      uint64_t hash = hash_word(bytes + words[i].start, words[i].length);
      hashes[i % AHEAD] = hash;
      __builtin_prefetch(&table->slots[(uint32_t)hash & table->mask]);
    }
  }
  return missing;
}
