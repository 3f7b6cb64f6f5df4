/// Row codecs: numbers to stored bytes, each to the nearest that the codec has, ties to even.
#ifndef ENGRAM_ENCODE_H
#define ENGRAM_ENCODE_H
#include "decode.h"

/// Encodes `count` rows, shape [count, dim], into slots `stride` bytes apart.
///
/// A finite number stays finite: what is larger than the codec's largest becomes that, with its
/// sign. Infinities stay where the codec has them (bf16, f16, f32) and become the largest number
/// of fp8 codecs. NaN stays NaN, zero keeps its sign. A row of +0 is all zero bytes.
///
/// `table_scale` is used by ENGRAM_CODEC_FP8E4M3 alone: finite, above 0. The scale of a group of
/// 32 is the smallest power of two with which its largest magnitude rounds to 448 or less; of two
/// neighbouring powers that is the one that loses less.
void engram_encode_f32(
    engram_codec codec, const float *values, size_t count, size_t dim, float table_scale,
    uint8_t *slots, size_t stride);

/// The largest finite magnitude of `count` numbers, 0 where there is none; sets `*non_finite` to
/// how many of them are infinite or NaN.
float engram_largest_magnitude(const float *values, size_t count, size_t *non_finite);

#endif
