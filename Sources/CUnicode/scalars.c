#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include "words.h"

int32_t engram_scalar(const uint8_t *text, size_t size, size_t *length) {
  uint8_t lead = text[0];
  *length = 1;
  if (lead < 0x80) return lead;
  size_t rest = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || rest >= size) return -1;
  int32_t scalar = lead & (0x3F >> rest);
  for (size_t i = 1; i <= rest; i++) {
    if ((text[i] & 0xC0) != 0x80) return -1;
    scalar = scalar << 6 | (text[i] & 0x3F);
  }
  // Longer than needed, a surrogate, or past the last plane.
  if (rest == 2 && (scalar < 0x800 || (scalar >> 11) == 0x1B)) return -1;
  if (rest == 3 && (scalar < 0x10000 || scalar > 0x10FFFF)) return -1;
  *length = rest + 1;
  return scalar;
}

size_t engram_put_scalar(uint8_t *out, int32_t scalar) {
  if (scalar < 0x80) {
    out[0] = (uint8_t)scalar;
    return 1;
  }
  if (scalar < 0x800) {
    out[0] = (uint8_t)(0xC0 | scalar >> 6);
    out[1] = (uint8_t)(0x80 | (scalar & 0x3F));
    return 2;
  }
  if (scalar < 0x10000) {
    out[0] = (uint8_t)(0xE0 | scalar >> 12);
    out[1] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
    out[2] = (uint8_t)(0x80 | (scalar & 0x3F));
    return 3;
  }
  out[0] = (uint8_t)(0xF0 | scalar >> 18);
  out[1] = (uint8_t)(0x80 | (scalar >> 12 & 0x3F));
  out[2] = (uint8_t)(0x80 | (scalar >> 6 & 0x3F));
  out[3] = (uint8_t)(0x80 | (scalar & 0x3F));
  return 4;
}

int engram_word_class(int32_t scalar) {
  uint32_t category = U_GET_GC_MASK(scalar);
  if (u_hasBinaryProperty(scalar, UCHAR_DEFAULT_IGNORABLE_CODE_POINT)) return 2;
  if (category & (U_GC_M_MASK | U_GC_CF_MASK)) return 2;
  // Half-width voicing marks of kana are letters by their category.
  if (u_getIntPropertyValue(scalar, UCHAR_WORD_BREAK) == U_WB_EXTEND) return 2;
  return u_isUAlphabetic(scalar) || (category & U_GC_N_MASK) ? 1 : 0;
}

int32_t engram_drop_accents(const uint8_t *word, size_t size, uint8_t out[ENGRAM_FOLDED_LIMIT]) {
  enum { units = 1024, decomposed_units = 4 * units };
  UChar text[units], decomposed[decomposed_units];
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);
  const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
  if (U_FAILURE(status) || size > units) return -1;
  int32_t count = 0;
  for (size_t at = 0, length; at < size; at += length) {
    int32_t scalar = engram_scalar(word + at, size - at, &length);
    if (scalar < 0) scalar = 0xFFFD;
    U16_APPEND_UNSAFE(text, count, scalar);
  }
  count = unorm2_normalize(nfd, text, count, decomposed, decomposed_units, &status);
  if (U_FAILURE(status)) return -1;
  int32_t kept = 0;
  for (int32_t at = 0; at < count;) {
    UChar32 scalar;
    int32_t from = at;
    U16_NEXT(decomposed, at, count, scalar);
    uint8_t order = u_getCombiningClass(scalar);
    int is_accent = (order >= 10 && order <= 35) || (order >= 200 && order <= 240);
    if (is_accent && u_charType(scalar) == U_NON_SPACING_MARK) continue;
    while (from < at) decomposed[kept++] = decomposed[from++];
  }
  // Composing never makes a decomposed text longer by more than it was shortened: what is cut off
  // here is far past the limit.
  if (kept > units) kept = units;
  count = unorm2_normalize(nfc, decomposed, kept, text, units, &status);
  if (U_FAILURE(status)) return -1;
  int32_t bytes = 0;
  for (int32_t at = 0; at < count;) {
    UChar32 scalar;
    U16_NEXT(text, at, count, scalar);
    if (U_IS_SURROGATE(scalar)) scalar = 0xFFFD;
    uint8_t encoded[4];
    size_t length = engram_put_scalar(encoded, scalar);
    if (bytes + length > ENGRAM_FOLDED_LIMIT) break;
    for (size_t i = 0; i < length; i++) out[bytes++] = encoded[i];
  }
  return bytes;
}
