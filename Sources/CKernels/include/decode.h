/// Row codecs: stored bytes to numbers.
#ifndef ENGRAM_DECODE_H
#define ENGRAM_DECODE_H
#include <stddef.h>
#include <stdint.h>

/// How the numbers of a row are stored.
typedef enum {
  /// `dim` E4M3 codes, then one E8M0 scale for each 32 of them; the last for what is left.
  ENGRAM_CODEC_FP8E4M3_E8M0X32 = 0,
  /// `dim` E4M3 codes; one scale for the whole table.
  ENGRAM_CODEC_FP8E4M3 = 1,
  ENGRAM_CODEC_BF16 = 2,
  ENGRAM_CODEC_F16 = 3,
  ENGRAM_CODEC_F32 = 4,
} engram_codec;

/// Decodes `count` rows that lie one after another to float32, shape [count, dim].
/// `table_scale` is used by ENGRAM_CODEC_FP8E4M3 alone.
void engram_decode_f32(
    engram_codec codec, const uint8_t *rows, size_t count, size_t dim, float table_scale,
    float *out);

/// The same to bfloat16, rounded to nearest, ties to even; NaN stays NaN.
void engram_decode_bf16(
    engram_codec codec, const uint8_t *rows, size_t count, size_t dim, float table_scale,
    uint16_t *out);

#endif
