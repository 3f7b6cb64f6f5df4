// Words of texts in UTF-8, and the forms in which they are compared.
#pragma once

#include <stddef.h>
#include <stdint.h>

// A word of a text. The same 16 bytes as `Words.Word` of Swift.
typedef struct {
  uint32_t start;
  uint16_t length;
  uint16_t folded_length;
  uint32_t folded_start;
  // 0 after another word, 1 at a line's beginning, 2 after a sentence, 3 after an empty line.
  uint8_t bound;
  uint8_t unused[3];
} engram_word;

// The most bytes of a word's folded form.
#define ENGRAM_FOLDED_LIMIT 64

// What is needed to read words. One thread at a time.
typedef struct engram_word_reader engram_word_reader;

// NULL where ICU has no rules of word breaks, or memory is out. Close it.
engram_word_reader *engram_word_reader_open(void);

void engram_word_reader_close(engram_word_reader *reader);

// Takes some words, in order, and their folded forms, one after another.
typedef void (*engram_word_sink)(
  void *context, const engram_word *words, size_t count, const uint8_t *folded, size_t bytes);

// Reads all words of a text of fewer than 2^32 bytes, which may be no UTF-8: such bytes part words.
// 0, or -1 where ICU fails, or -2 where the folded forms are more than 2^32 bytes.
int engram_read_words(
  engram_word_reader *reader, const uint8_t *text, size_t size, engram_word_sink sink,
  void *context);

// Where ICU breaks a text of UTF-16 into words and what is between them: in `ends`, which has room for
// `count`, the end of each. Their number, or -1.
int32_t engram_word_breaks(const uint16_t *text, int32_t count, int32_t *ends);

// The scalar that begins at `text[0]`, of `size` > 0 bytes, and its length; -1 and 1 where it is none.
int32_t engram_scalar(const uint8_t *text, size_t size, size_t *length);

// Writes the scalar in UTF-8: up to 4 bytes. Their number.
size_t engram_put_scalar(uint8_t *out, int32_t scalar);

// A word of at most 1,024 bytes of UTF-8 without its accents: canonically decomposed, without the
// marks (Mn) above and below letters (combining classes 10...35 and 200...240), composed again. At
// most `ENGRAM_FOLDED_LIMIT` bytes, whole scalars, in `out`. Their number, negative where ICU fails.
int32_t engram_drop_accents(const uint8_t *word, size_t size, uint8_t out[ENGRAM_FOLDED_LIMIT]);

// What a scalar is to words: 1 part of one (letters, numbers), 2 part of one where it follows one
// (marks, characters that are not seen), 0 neither.
int engram_word_class(int32_t scalar);
