// What we use of ICU, behind functions whose names do not change with its version and whose
// types are plain: ICU's own headers cannot meet those of Foundation's ICU in one Swift module.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "words.h"

// A Unicode normalisation form; NULL where ICU has no data for it.
const void *engram_normalizer_nfc(void);

const void *engram_normalizer_nfd(void);

const void *engram_normalizer_nfkc(void);

const void *engram_normalizer_nfkd(void);

// NFKC with full case folding, and without characters that are not seen: NFKC_Casefold.
const void *engram_normalizer_nfkc_casefold(void);

// Length of the normalised text, also where it is more than `capacity` (nothing useful is
// written then); negative on any other error.
int32_t engram_normalize(
  const void *form, const uint16_t *text, int32_t count, uint16_t *out, int32_t capacity);

int engram_has_boundary_before(const void *form, int32_t scalar);

/// The canonical combining class, 0 to 254; 0 where marks do not move past a scalar.
int32_t engram_combining_class(int32_t scalar);

// Lower case of one scalar on its own, by the full mapping: up to 4 code units in `out`.
int32_t engram_lowercase(int32_t scalar, uint16_t out[4]);

int engram_is_mark(int32_t scalar);

int engram_is_white_space(int32_t scalar);

// A word character as regular expressions see it: Alphabetic, M, Nd, Pc or Join_Control.
int engram_is_word(int32_t scalar);

// The set that an ICU set pattern names; NULL where it is malformed. Close it.
void *engram_set_open(const uint16_t *pattern, int32_t count);

void engram_set_close(void *set);

// Adds every scalar that differs from a member only in case.
void engram_set_close_over_case(void *set);

int32_t engram_set_count(const void *set);

// 1 and the bounds where the item is a range of scalars, 0 where it is a string.
int engram_set_range(const void *set, int32_t index, int32_t *low, int32_t *high);
