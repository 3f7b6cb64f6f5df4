/// Groups of 128 small numbers, packed to the width of the largest.
#ifndef ENGRAM_PACKING_H
#define ENGRAM_PACKING_H
#include <stdint.h>

/// Numbers of a group.
enum { ENGRAM_GROUP = 128 };

/// Bits of the largest of 128 numbers: 0...32.
uint32_t engram_group_width(const uint32_t *numbers);

/// Packs 128 numbers of at most `width` bits into 16 * width bytes. Number i is in lane i % 4 of
/// four lanes of 32-bit words, so that a vector register unpacks four at once.
void engram_pack_group(const uint32_t *numbers, uint32_t width, uint8_t *packed);

/// Unpacks what `engram_pack_group` packed; `width` is 0...32.
void engram_unpack_group(const uint8_t *packed, uint32_t width, uint32_t *numbers);
#endif
