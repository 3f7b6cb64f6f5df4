#include "encode.h"
#include "number_bits.h"

static inline uint32_t at_most(uint32_t value, uint32_t limit) {
  return value < limit ? value : limit;
}

/// The E4M3 code nearest to `scaled`; `bits` are those of the number before it was scaled, which
/// say its sign and whether it is NaN.
///
/// Normal codes are the number's own upper bits, rounded, with the exponent moved by 120.
/// Subnormal ones count units of 2^-9: added to 2^14, whose neighbour is 2^-9 away, a number is
/// rounded to them by the addition.
static inline uint8_t e4m3_of(float scaled, uint32_t bits) {
  uint32_t magnitude = at_most(bits_of(scaled) & 0x7FFFFFFF, 0x43E00000u);
  uint32_t normal = ((magnitude + 0x7FFFF + (magnitude >> 20 & 1)) >> 20) - (120u << 3);
  uint32_t subnormal = bits_of(float_of(magnitude) + 0x1p14f) - (141u << 23);
  uint32_t code = magnitude < 121u << 23 ? subnormal : normal;
  code = (bits & 0x7FFFFFFF) > 0x7F800000 ? 0x7F : code;
  return (uint8_t)(code | (bits >> 24 & 0x80));
}

/// The E8M0 code of a group whose largest finite magnitude has these bits. 464 is what still
/// rounds to 448; 464 = 1.8125 * 2^8. Scales end at 2^119: above, 448 times the scale would be
/// infinite.
static inline uint8_t scale_of(uint32_t largest) {
  uint32_t exponent = (largest + 0x7FFFFF - 0x680000) >> 23;
  return (uint8_t)(exponent < 8 ? 0 : at_most(exponent - 8, 246));
}

/// 1 / scale of an E8M0 code up to 246.
static inline float inverse_of(uint8_t scale) { return float_of((254u - scale) << 23); }

/// Bits of the magnitude of a finite number, else 0.
static inline uint32_t finite_magnitude(uint32_t bits) {
  uint32_t magnitude = bits & 0x7FFFFFFF;
  return magnitude < 0x7F800000 ? magnitude : 0;
}

/// Bits of a magnitude; of an infinite one, those of the largest number; of NaN, 0.
static inline uint32_t group_magnitude(uint32_t bits) {
  uint32_t magnitude = bits & 0x7FFFFFFF;
  return magnitude > 0x7F800000 ? 0 : at_most(magnitude, 0x7F7FFFFF);
}

/// IEEE half, without F16C so that every clone compiles. Subnormal numbers count units of 2^-24,
/// rounded by adding 1/2.
static inline uint16_t f16_of(float value) {
  uint32_t bits = bits_of(value), magnitude = bits & 0x7FFFFFFF;
  uint32_t finite = at_most(magnitude, 0x477FE000u);
  uint32_t normal = ((finite + 0xFFF + (finite >> 13 & 1)) >> 13) - (112u << 10);
  uint32_t subnormal = bits_of(float_of(finite) + 0.5f) - (126u << 23);
  uint32_t code = finite < 113u << 23 ? subnormal : normal;
  code = magnitude == 0x7F800000 ? 0x7C00 : code;
  code = magnitude > 0x7F800000 ? 0x7E00 | (magnitude >> 13 & 0x3FF) : code;
  return (uint16_t)(code | (bits >> 16 & 0x8000));
}

/// bfloat16 that does not become infinite.
static inline uint16_t finite_bf16_of(float value) {
  uint32_t magnitude = bits_of(value) & 0x7FFFFFFF;
  uint16_t code = bf16_of(value);
  return magnitude > 0x7F7F0000 && magnitude < 0x7F800000
      ? (uint16_t)((code & 0x8000) | 0x7F7F) : code;
}

/// One group of up to 32 numbers; returns its scale's code.
static inline __attribute__((always_inline)) uint8_t encode_group(
    const float *restrict in, size_t count, uint8_t *restrict out) {
  uint32_t largest = 0;
  for (size_t k = 0; k < count; k++) {
    uint32_t magnitude = group_magnitude(bits_of(in[k]));
    largest = magnitude > largest ? magnitude : largest;
  }
  uint8_t scale = scale_of(largest);
  float inverse = inverse_of(scale);
  for (size_t k = 0; k < count; k++) out[k] = e4m3_of(in[k] * inverse, bits_of(in[k]));
  return scale;
}

CLONES static void encode_scaled(
    const float *restrict values, size_t count, size_t dim, uint8_t *restrict slots,
    size_t stride) {
  size_t whole = dim / 32, rest = dim % 32;
  for (size_t row = 0; row < count; row++) {
    uint8_t *scales = slots + dim;
    for (size_t group = 0; group < whole; group++)
      scales[group] = encode_group(values + 32 * group, 32, slots + 32 * group);
    if (rest > 0) scales[whole] = encode_group(values + 32 * whole, rest, slots + 32 * whole);
    values += dim;
    slots += stride;
  }
}

CLONES static void encode_e4m3(
    const float *restrict values, size_t count, size_t dim, float scale, uint8_t *restrict slots,
    size_t stride) {
  for (size_t row = 0; row < count; row++) {
    for (size_t k = 0; k < dim; k++) slots[k] = e4m3_of(values[k] / scale, bits_of(values[k]));
    values += dim;
    slots += stride;
  }
}

CLONES static void encode_bf16(
    const float *restrict values, size_t count, size_t dim, uint8_t *restrict slots,
    size_t stride) {
  for (size_t row = 0; row < count; row++) {
    for (size_t k = 0; k < dim; k++) {
      uint16_t code = finite_bf16_of(values[k]);
      memcpy(slots + 2 * k, &code, 2);
    }
    values += dim;
    slots += stride;
  }
}

CLONES static void encode_half(
    const float *restrict values, size_t count, size_t dim, uint8_t *restrict slots,
    size_t stride) {
  for (size_t row = 0; row < count; row++) {
    for (size_t k = 0; k < dim; k++) {
      uint16_t code = f16_of(values[k]);
      memcpy(slots + 2 * k, &code, 2);
    }
    values += dim;
    slots += stride;
  }
}

void engram_encode_f32(
    engram_codec codec, const float *values, size_t count, size_t dim, float table_scale,
    uint8_t *slots, size_t stride) {
  switch (codec) {
  case ENGRAM_CODEC_FP8E4M3_E8M0X32: encode_scaled(values, count, dim, slots, stride); break;
  case ENGRAM_CODEC_FP8E4M3: encode_e4m3(values, count, dim, table_scale, slots, stride); break;
  case ENGRAM_CODEC_BF16: encode_bf16(values, count, dim, slots, stride); break;
  case ENGRAM_CODEC_F16: encode_half(values, count, dim, slots, stride); break;
  case ENGRAM_CODEC_F32:
    for (size_t row = 0; row < count; row++)
      memcpy(slots + row * stride, values + row * dim, 4 * dim);
    break;
  }
}

CLONES float engram_largest_magnitude(const float *values, size_t count, size_t *non_finite) {
  uint32_t largest = 0;
  size_t others = 0;
  for (size_t i = 0; i < count; i++) {
    uint32_t magnitude = finite_magnitude(bits_of(values[i]));
    largest = magnitude > largest ? magnitude : largest;
    others += (bits_of(values[i]) & 0x7FFFFFFF) >= 0x7F800000;
  }
  *non_finite = others;
  return float_of(largest);
}
