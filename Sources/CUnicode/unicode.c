#include "CUnicode.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uset.h>
#include <unicode/ustring.h>

const void *engram_normalizer_nfc(void) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *form = unorm2_getNFCInstance(&status);
  return U_SUCCESS(status) ? form : NULL;
}

const void *engram_normalizer_nfd(void) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *form = unorm2_getNFDInstance(&status);
  return U_SUCCESS(status) ? form : NULL;
}

const void *engram_normalizer_nfkc(void) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *form = unorm2_getNFKCInstance(&status);
  return U_SUCCESS(status) ? form : NULL;
}

const void *engram_normalizer_nfkd(void) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *form = unorm2_getNFKDInstance(&status);
  return U_SUCCESS(status) ? form : NULL;
}

const void *engram_normalizer_nfkc_casefold(void) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *form = unorm2_getNFKCCasefoldInstance(&status);
  return U_SUCCESS(status) ? form : NULL;
}

int32_t engram_normalize(
  const void *form, const uint16_t *text, int32_t count, uint16_t *out, int32_t capacity) {
  UErrorCode status = U_ZERO_ERROR;
  int32_t length = unorm2_normalize(form, text, count, out, capacity, &status);
  return U_SUCCESS(status) || status == U_BUFFER_OVERFLOW_ERROR ? length : -1;
}

int32_t engram_combining_class(int32_t scalar) { return u_getCombiningClass(scalar); }

int engram_has_boundary_before(const void *form, int32_t scalar) {
  return unorm2_hasBoundaryBefore(form, scalar);
}

int32_t engram_lowercase(int32_t scalar, uint16_t out[4]) {
  UErrorCode status = U_ZERO_ERROR;
  UChar text[2];
  int32_t count = 0;
  if (scalar < 0x10000) {
    text[count++] = (UChar)scalar;
  } else {
    text[count++] = (UChar)(0xD7C0 + (scalar >> 10));
    text[count++] = (UChar)(0xDC00 | (scalar & 0x3FF));
  }
  int32_t length = u_strToLower(out, 4, text, count, "", &status);
  return U_SUCCESS(status) ? length : -1;
}

int engram_is_mark(int32_t scalar) {
  return (U_GET_GC_MASK(scalar) & U_GC_M_MASK) != 0;
}

int engram_is_white_space(int32_t scalar) { return u_isUWhiteSpace(scalar); }

int engram_is_word(int32_t scalar) {
  return u_isUAlphabetic(scalar) || (U_GET_GC_MASK(scalar) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0
    || u_hasBinaryProperty(scalar, UCHAR_JOIN_CONTROL);
}

void *engram_set_open(const uint16_t *pattern, int32_t count) {
  UErrorCode status = U_ZERO_ERROR;
  USet *set = uset_openPattern(pattern, count, &status);
  if (U_SUCCESS(status)) return set;
  if (set) uset_close(set);
  return NULL;
}

void engram_set_close(void *set) { uset_close(set); }

void engram_set_close_over_case(void *set) {
  uset_closeOver(set, USET_CASE_INSENSITIVE);
}

int32_t engram_set_count(const void *set) { return uset_getItemCount(set); }

int engram_set_range(const void *set, int32_t index, int32_t *low, int32_t *high) {
  UErrorCode status = U_ZERO_ERROR;
  return uset_getItem(set, index, low, high, NULL, 0, &status) == 0 && U_SUCCESS(status);
}
