// The rule: a word is a piece of an ICU word (UAX #29, dictionaries for scripts without spaces), cut
// wherever a character is neither letter, number nor mark, that has a letter or a number. ICU's own
// mark of what is a word is not asked: it is that of a segment's last rule, which a symbol may have.
// So no word goes past such a character, and a text may be cut there into stretches that are read
// on their own:
//
// - runs of ASCII letters and digits that touch no byte >= 0x80 are words as they are;
// - other stretches whose characters all come from scripts that are written with spaces are cut
//   wherever a character is no part of words, by a table;
// - all others go through ICU's word breaks, as UTF-16.
#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include "words.h"

enum {
  // Words that are handed over at once.
  batch = 1024,
  // Bytes of a stretch that go through ICU at once.
  window = 1 << 15,
  // Scalars below are in the tables: below the first that Han dictionaries know.
  table_scalars = 0x2E80,
  // UTF-16 units of a word that are folded; the limit of bytes is reached long before.
  fold_input = 256,
  // One unit may become 18.
  fold_units = 18 * fold_input,
  // In `kinds`: only ICU can tell. Otherwise what `engram_word_class` says.
  needs_rules = 3,
};

struct engram_word_reader {
  UBreakIterator *breaks;
  const UNormalizer2 *folding;
  engram_word_sink sink;
  void *context;
  const uint8_t *text;
  // Behind the last word.
  size_t last_end;
  // Bytes that were handed over before.
  uint64_t folded_before;
  size_t count;
  size_t folded_count;
  int has_words;
  int failure;
  // Lower case of ASCII letters and digits, else 0.
  uint8_t lower[256];
  uint8_t kinds[table_scalars];
  // The folded scalar where it is one, and nothing that follows changes it; else 0.
  uint16_t folds[table_scalars];
  engram_word words[batch];
  uint8_t folded[batch * ENGRAM_FOLDED_LIMIT + 8];
  UChar units[window + 1];
  uint16_t offsets[window + 1];
  UChar fold_buffer[fold_units];
};

static int table_kind(int32_t scalar) {
  if (u_getIntPropertyValue(scalar, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) return needs_rules;
  // Jamo compose with each other.
  if (u_getIntPropertyValue(scalar, UCHAR_HANGUL_SYLLABLE_TYPE) != U_HST_NOT_APPLICABLE)
    return needs_rules;
  int kind = engram_word_class(scalar);
  switch (u_getIntPropertyValue(scalar, UCHAR_WORD_BREAK)) {
  case U_WB_ALETTER:
  case U_WB_HEBREW_LETTER:
  case U_WB_NUMERIC:
    return kind;
  case U_WB_EXTEND:
  case U_WB_FORMAT:
  case U_WB_ZWJ:
    return kind == 1 ? needs_rules : kind;
  default:
    // Kana, and numbers that are words of their own, such as superscripts.
    return kind == 1 ? needs_rules : 0;
  }
}

static uint16_t table_fold(const UNormalizer2 *folding, int32_t scalar) {
  UErrorCode status = U_ZERO_ERROR;
  UChar from[2], to[32];
  int32_t count = 0;
  U16_APPEND_UNSAFE(from, count, scalar);
  int32_t length = unorm2_normalize(folding, from, count, to, 32, &status);
  if (U_FAILURE(status) || length != 1 || U16_IS_SURROGATE(to[0])) return 0;
  if (u_getIntPropertyValue(to[0], UCHAR_NFC_QUICK_CHECK) != UNORM_YES) return 0;
  return u_getCombiningClass(to[0]) == 0 ? to[0] : 0;
}

engram_word_reader *engram_word_reader_open(void) {
  engram_word_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return NULL;
  UErrorCode status = U_ZERO_ERROR;
  reader->breaks = ubrk_open(UBRK_WORD, "", NULL, 0, &status);
  reader->folding = unorm2_getNFKCCasefoldInstance(&status);
  if (U_FAILURE(status)) {
    engram_word_reader_close(reader);
    return NULL;
  }
  for (int byte = 0; byte < 128; byte++) {
    if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z'))
      reader->lower[byte] = (uint8_t)byte;
    if (byte >= 'A' && byte <= 'Z') reader->lower[byte] = (uint8_t)(byte | 0x20);
  }
  for (int32_t scalar = 0; scalar < table_scalars; scalar++) {
    reader->kinds[scalar] = (uint8_t)table_kind(scalar);
    reader->folds[scalar] = table_fold(reader->folding, scalar);
  }
  return reader;
}

void engram_word_reader_close(engram_word_reader *reader) {
  if (!reader) return;
  if (reader->breaks) ubrk_close(reader->breaks);
  free(reader);
}

static void flush(engram_word_reader *reader) {
  reader->sink(
    reader->context, reader->words, reader->count, reader->folded, reader->folded_count);
  reader->folded_before += reader->folded_count;
  reader->count = 0;
  reader->folded_count = 0;
  if (reader->folded_before > UINT32_MAX - sizeof reader->folded) reader->failure = -2;
}

// How well a passage may begin behind a gap between words.
static uint8_t bound_of_gap(const uint8_t *text, size_t from, size_t to) {
  uint8_t bound = 0;
  int at_line_start = 0;
  for (size_t at = from; at < to; at++) {
    uint8_t byte = text[at];
    switch (byte) {
    case '\n':
      if (at_line_start) return 3;
      at_line_start = 1;
      if (bound < 1) bound = 1;
      break;
    case ' ':
    case '\t':
    case '\r':
      break;
    case '.':
    case '!':
    case '?':
      at_line_start = 0;
      if (at + 1 < to && (text[at + 1] == ' ' || (text[at + 1] >= '\t' && text[at + 1] <= '\r')))
        bound = 2;
      break;
    case 0xE3:  // U+3002
      at_line_start = 0;
      if (to - at >= 3 && text[at + 1] == 0x80 && text[at + 2] == 0x82) bound = 2;
      break;
    case 0xEF:  // U+FF01, U+FF0E, U+FF1F, U+FF61
      at_line_start = 0;
      if (to - at < 3) break;
      if (text[at + 1] == 0xBC
          && (text[at + 2] == 0x81 || text[at + 2] == 0x8E || text[at + 2] == 0x9F))
        bound = 2;
      if (text[at + 1] == 0xBD && text[at + 2] == 0xA1) bound = 2;
      break;
    default:
      at_line_start = 0;
    }
  }
  return bound;
}

// Adds the word whose folded form stands behind the others already.
static inline void put_word(
  engram_word_reader *reader, size_t start, size_t end, size_t folded_length) {
  const uint8_t *text = reader->text;
  size_t from = reader->last_end;
  uint8_t bound;
  if (!reader->has_words) {
    reader->has_words = 1;
    bound = 3;
  } else if (start - from == 1) {
    bound = text[from] == '\n';
  } else {
    bound = bound_of_gap(text, from, start);
  }
  size_t length = end - start;
  if (length > UINT16_MAX) {
    length = UINT16_MAX;
    while ((text[start + length] & 0xC0) == 0x80) length--;
  }
  reader->words[reader->count++] = (engram_word){
    .start = (uint32_t)start,
    .length = (uint16_t)length,
    .folded_length = (uint16_t)folded_length,
    .folded_start = (uint32_t)(reader->folded_before + reader->folded_count),
    .bound = bound,
  };
  reader->folded_count += folded_length;
  reader->last_end = end;
  if (reader->count == batch) flush(reader);
}

// Folds a word by ICU. Bytes of it that stand behind the others.
static size_t fold_units_of(engram_word_reader *reader, const UChar *units, int32_t count) {
  UErrorCode status = U_ZERO_ERROR;
  if (count > fold_input) count = fold_input - (U16_IS_LEAD(units[fold_input - 1]) ? 1 : 0);
  const UChar *form = units;
  int32_t length = count;
  if (unorm2_quickCheck(reader->folding, units, count, &status) != UNORM_YES) {
    form = reader->fold_buffer;
    length = unorm2_normalize(
      reader->folding, units, count, reader->fold_buffer, fold_units, &status);
  }
  if (U_FAILURE(status)) {
    reader->failure = -1;
    return 0;
  }
  uint8_t *out = reader->folded + reader->folded_count;
  size_t bytes = 0;
  for (int32_t at = 0; at < length;) {
    UChar32 scalar;
    U16_NEXT(form, at, length, scalar);
    uint8_t encoded[4];
    size_t size = engram_put_scalar(encoded, scalar);
    if (bytes + size > ENGRAM_FOLDED_LIMIT) break;
    memcpy(out + bytes, encoded, size);
    bytes += size;
  }
  return bytes;
}

// Cuts the units `from..<to`, which the rules have together, into words.
static void put_pieces(engram_word_reader *reader, size_t stretch, int32_t from, int32_t to) {
  const UChar *units = reader->units;
  int32_t start = -1;
  for (int32_t at = from; at <= to;) {
    int32_t here = at;
    int kind = 0;
    if (at < to) {
      UChar32 scalar;
      U16_NEXT(units, at, to, scalar);
      kind = scalar >= 0x4E00 && scalar <= 0x9FA5 ? 1 : engram_word_class(scalar);
    } else {
      at++;
    }
    if (kind == 1 && start < 0) start = here;
    if (kind == 0 && start >= 0) {
      size_t folded = fold_units_of(reader, units + start, here - start);
      if (folded > 0)
        put_word(reader, stretch + reader->offsets[start], stretch + reader->offsets[here], folded);
      start = -1;
    }
  }
}

// Reads a stretch of at most `window` bytes by the rules.
static void read_by_rules(engram_word_reader *reader, size_t start, size_t end) {
  int32_t count = 0;
  for (size_t at = start, length; at < end; at += length) {
    int32_t scalar = engram_scalar(reader->text + at, end - at, &length);
    if (scalar < 0) scalar = 0xFFFD;
    reader->offsets[count] = (uint16_t)(at - start);
    if (scalar >= 0x10000) reader->offsets[count + 1] = (uint16_t)(at - start);
    U16_APPEND_UNSAFE(reader->units, count, scalar);
  }
  reader->offsets[count] = (uint16_t)(end - start);
  UErrorCode status = U_ZERO_ERROR;
  ubrk_setText(reader->breaks, reader->units, count, &status);
  if (U_FAILURE(status)) {
    reader->failure = -1;
    return;
  }
  int32_t from = ubrk_first(reader->breaks);
  for (int32_t to; (to = ubrk_next(reader->breaks)) != UBRK_DONE; from = to)
    put_pieces(reader, start, from, to);
}

// Reads a stretch of characters that are all in the tables.
static void read_by_tables(engram_word_reader *reader, size_t start, size_t end) {
  const uint8_t *text = reader->text;
  size_t word = 0, bytes = 0;
  int is_word = 0, is_plain = 1;
  for (size_t at = start, length;; at += length) {
    int32_t scalar = -1;
    length = 1;
    if (at < end) scalar = engram_scalar(text + at, end - at, &length);
    int kind = scalar < 0 ? 0 : reader->kinds[scalar];
    if (kind == 1 && !is_word) {
      is_word = 1;
      is_plain = 1;
      word = at;
      bytes = 0;
    }
    if (is_word && kind != 0 && is_plain) {
      int32_t folded = reader->folds[scalar];
      if (kind == 2 || folded == 0) {
        is_plain = 0;
      } else if (bytes < ENGRAM_FOLDED_LIMIT) {
        // Up to 3 bytes past the limit, which are cut off below.
        bytes += engram_put_scalar(reader->folded + reader->folded_count + bytes, folded);
      }
    }
    if (is_word && kind == 0) {
      is_word = 0;
      if (is_plain) {
        if (bytes > ENGRAM_FOLDED_LIMIT) {
          bytes = ENGRAM_FOLDED_LIMIT;
          while ((reader->folded[reader->folded_count + bytes] & 0xC0) == 0x80) bytes--;
        }
      } else {
        int32_t count = 0;
        for (size_t from = word, size; from < at && count <= fold_input; from += size) {
          int32_t part = engram_scalar(text + from, at - from, &size);
          U16_APPEND_UNSAFE(reader->units, count, part);
        }
        bytes = fold_units_of(reader, reader->units, count);
      }
      if (bytes > 0) put_word(reader, word, at, bytes);
    }
    if (at >= end) break;
  }
}

// Full-width stops and spaces, at which dictionaries stop too.
static inline int parts_stretches(int32_t scalar) {
  return (scalar >= 0x3000 && scalar <= 0x3002) || scalar == 0xFF01 || scalar == 0xFF0C
    || scalar == 0xFF1F;
}

// Reads the run of ASCII letters, digits and bytes >= 0x80 from `start` on, or a window of it. Its
// end.
static size_t read_stretch(engram_word_reader *reader, size_t start, size_t size) {
  const uint8_t *text = reader->text;
  size_t at = start, part = start;
  int by_rules = 0;
  while (at < size) {
    size_t length;
    int32_t scalar = engram_scalar(text + at, size - at, &length);
    if (scalar >= 0 && scalar < 0x80 && !reader->lower[scalar]) break;
    if (at - start + length > window) {
      if (part > start) at = part;
      break;
    }
    if (scalar >= table_scalars || (scalar >= 0 && reader->kinds[scalar] == needs_rules))
      by_rules = 1;
    at += length;
    if (parts_stretches(scalar)) part = at;
  }
  if (by_rules) {
    read_by_rules(reader, start, at);
  } else {
    read_by_tables(reader, start, at);
  }
  return at;
}

int engram_read_words(
  engram_word_reader *reader, const uint8_t *text, size_t size, engram_word_sink sink,
  void *context) {
  reader->sink = sink;
  reader->context = context;
  reader->text = text;
  reader->last_end = 0;
  reader->folded_before = 0;
  reader->count = 0;
  reader->folded_count = 0;
  reader->has_words = 0;
  reader->failure = 0;
  const uint8_t *lower = reader->lower;
  size_t at = 0;
  while (at < size) {
    uint8_t byte = text[at];
    uint8_t letter = lower[byte];
    if (!letter) {
      if (byte >= 0x80) {
        at = read_stretch(reader, at, size);
        if (reader->failure) return reader->failure;
      } else {
        at++;
      }
      continue;
    }
    size_t start = at;
    uint8_t *out = reader->folded + reader->folded_count;
    size_t limit = size - at < ENGRAM_FOLDED_LIMIT ? size : at + ENGRAM_FOLDED_LIMIT;
    do {
      *out++ = letter;
      at++;
    } while (at < limit && (letter = lower[text[at]]));
    size_t bytes = at - start;
    if (at == limit)
      while (at < size && lower[text[at]]) at++;
    if (at < size && text[at] >= 0x80 && at - start < window) {
      at = read_stretch(reader, start, size);
      if (reader->failure) return reader->failure;
      continue;
    }
    put_word(reader, start, at, bytes);
    if (reader->failure) return reader->failure;
  }
  flush(reader);
  return 0;
}
