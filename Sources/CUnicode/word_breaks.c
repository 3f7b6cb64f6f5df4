#include <unicode/ubrk.h>

#include "words.h"

int32_t engram_word_breaks(const uint16_t *text, int32_t count, int32_t *ends) {
  UErrorCode status = U_ZERO_ERROR;
  UBreakIterator *breaks = ubrk_open(UBRK_WORD, "", text, count, &status);
  if (U_FAILURE(status)) return -1;
  int32_t segments = 0;
  ubrk_first(breaks);
  for (int32_t end; (end = ubrk_next(breaks)) != UBRK_DONE; segments++) ends[segments] = end;
  ubrk_close(breaks);
  return segments;
}
