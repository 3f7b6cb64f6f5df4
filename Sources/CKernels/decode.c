#include "decode.h"
#include "number_bits.h"

/// E4M3 (no infinities; 0x7F and 0xFF are NaN). Normal codes move their exponent by 120;
/// subnormal ones are built with the smallest exponent and lose its leading one again, which is
/// exact and makes no subnormal float32 on the way.
static inline float e4m3(uint8_t code) {
  uint32_t magnitude = code & 0x7F;
  uint32_t normal = (magnitude << 20) + (120u << 23);
  float subnormal = float_of((magnitude << 20) + (121u << 23)) - 0x1p-6f;
  uint32_t bits = magnitude < 8 ? bits_of(subnormal) : normal;
  bits = magnitude == 0x7F ? 0x7FC00000u : bits;
  return float_of(bits | (uint32_t)(code & 0x80) << 24);
}

/// E8M0: 2^(code - 127); 255 is NaN; 0 is the subnormal 2^-127.
static inline float e8m0(uint8_t code) {
  uint32_t bits = (uint32_t)code << 23;
  bits = code == 0 ? 0x00400000u : bits;
  return float_of(code == 255 ? 0x7FC00000u : bits);
}

/// IEEE half to single, without F16C so that every clone compiles: exponents move by 112,
/// subnormals are scaled, infinities and NaN keep their meaning.
static inline float half_of(uint16_t code) {
  uint32_t magnitude = (uint32_t)(code & 0x7FFF) << 13;
  uint32_t exponent = magnitude & 0x0F800000u;
  uint32_t normal = magnitude + (112u << 23);
  float subnormal = float_of(magnitude + (113u << 23)) - 0x1p-14f;
  uint32_t bits = exponent == 0x0F800000u ? normal + (112u << 23) : normal;
  bits = exponent == 0 ? bits_of(subnormal) : bits;
  return float_of(bits | (uint32_t)(code & 0x8000) << 16);
}

CLONES static void decode_scaled_f32(const uint8_t *rows, size_t count, size_t dim, float *out) {
  size_t groups = dim / 32;
  for (size_t row = 0; row < count; row++) {
    const uint8_t *scales = rows + dim;
    for (size_t group = 0; group < groups; group++) {
      float scale = e8m0(scales[group]);
      for (size_t k = 0; k < 32; k++) out[k] = e4m3(rows[k]) * scale;
      rows += 32;
      out += 32;
    }
    rows += groups;
  }
}

CLONES static void decode_scaled_bf16(
    const uint8_t *rows, size_t count, size_t dim, uint16_t *out) {
  size_t groups = dim / 32;
  for (size_t row = 0; row < count; row++) {
    const uint8_t *scales = rows + dim;
    for (size_t group = 0; group < groups; group++) {
      float scale = e8m0(scales[group]);
      for (size_t k = 0; k < 32; k++) out[k] = bf16_of(e4m3(rows[k]) * scale);
      rows += 32;
      out += 32;
    }
    rows += groups;
  }
}

/// The same for rows whose last group has fewer than 32 codes.
CLONES static void decode_partly_scaled_f32(
    const uint8_t *rows, size_t count, size_t dim, float *out) {
  for (size_t row = 0; row < count; row++) {
    const uint8_t *scales = rows + dim;
    for (size_t start = 0; start < dim; start += 32) {
      size_t end = start + 32 < dim ? start + 32 : dim;
      float scale = e8m0(*scales++);
      for (size_t k = start; k < end; k++) out[k] = e4m3(rows[k]) * scale;
    }
    rows = scales;
    out += dim;
  }
}

CLONES static void decode_partly_scaled_bf16(
    const uint8_t *rows, size_t count, size_t dim, uint16_t *out) {
  for (size_t row = 0; row < count; row++) {
    const uint8_t *scales = rows + dim;
    for (size_t start = 0; start < dim; start += 32) {
      size_t end = start + 32 < dim ? start + 32 : dim;
      float scale = e8m0(*scales++);
      for (size_t k = start; k < end; k++) out[k] = bf16_of(e4m3(rows[k]) * scale);
    }
    rows = scales;
    out += dim;
  }
}

CLONES static void decode_e4m3_f32(const uint8_t *codes, size_t count, float scale, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = e4m3(codes[i]) * scale;
}

CLONES static void decode_e4m3_bf16(
    const uint8_t *codes, size_t count, float scale, uint16_t *out) {
  for (size_t i = 0; i < count; i++) out[i] = bf16_of(e4m3(codes[i]) * scale);
}

CLONES static void decode_bf16_f32(const uint8_t *rows, size_t count, float *out) {
  for (size_t i = 0; i < count; i++) {
    uint16_t code;
    memcpy(&code, rows + 2 * i, 2);
    out[i] = float_of((uint32_t)code << 16);
  }
}

CLONES static void decode_half_f32(const uint8_t *rows, size_t count, float *out) {
  for (size_t i = 0; i < count; i++) {
    uint16_t code;
    memcpy(&code, rows + 2 * i, 2);
    out[i] = half_of(code);
  }
}

CLONES static void decode_half_bf16(const uint8_t *rows, size_t count, uint16_t *out) {
  for (size_t i = 0; i < count; i++) {
    uint16_t code;
    memcpy(&code, rows + 2 * i, 2);
    out[i] = bf16_of(half_of(code));
  }
}

CLONES static void round_f32_bf16(const uint8_t *rows, size_t count, uint16_t *out) {
  for (size_t i = 0; i < count; i++) {
    float value;
    memcpy(&value, rows + 4 * i, 4);
    out[i] = bf16_of(value);
  }
}

void engram_decode_f32(
    engram_codec codec, const uint8_t *rows, size_t count, size_t dim, float table_scale,
    float *out) {
  switch (codec) {
  case ENGRAM_CODEC_FP8E4M3_E8M0X32:
    (dim % 32 == 0 ? decode_scaled_f32 : decode_partly_scaled_f32)(rows, count, dim, out);
    break;
  case ENGRAM_CODEC_FP8E4M3: decode_e4m3_f32(rows, count * dim, table_scale, out); break;
  case ENGRAM_CODEC_BF16: decode_bf16_f32(rows, count * dim, out); break;
  case ENGRAM_CODEC_F16: decode_half_f32(rows, count * dim, out); break;
  case ENGRAM_CODEC_F32: memcpy(out, rows, count * dim * 4); break;
  }
}

void engram_decode_bf16(
    engram_codec codec, const uint8_t *rows, size_t count, size_t dim, float table_scale,
    uint16_t *out) {
  switch (codec) {
  case ENGRAM_CODEC_FP8E4M3_E8M0X32:
    (dim % 32 == 0 ? decode_scaled_bf16 : decode_partly_scaled_bf16)(rows, count, dim, out);
    break;
  case ENGRAM_CODEC_FP8E4M3: decode_e4m3_bf16(rows, count * dim, table_scale, out); break;
  case ENGRAM_CODEC_BF16: memcpy(out, rows, count * dim * 2); break;
  case ENGRAM_CODEC_F16: decode_half_bf16(rows, count * dim, out); break;
  case ENGRAM_CODEC_F32: round_f32_bf16(rows, count * dim, out); break;
  }
}
