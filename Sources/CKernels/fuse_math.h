/// What the forward and backward kernels of fusion share; inside this target only.
#ifndef ENGRAM_FUSE_MATH_H
#define ENGRAM_FUSE_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE float as_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

// e^x to 2 ulp, for x clamped to where the result is a normal number: 2^n e^r with
// |r| <= ln(2) / 2, e^r as its Taylor polynomial.
INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float shifted = x * 1.44269504f + 12582912.0f;
  const float n = shifted - 12582912.0f;
  const float r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
  float p = 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  return p * as_float((uint32_t)((int32_t)n + 127) << 23);
}

INLINE float sigmoid_of_root(float dot) {
  const float root = sqrtf(fmaxf(fabsf(dot), 1e-6f));
  const float s = dot > 0 ? root : dot < 0 ? -root : dot;
  return 1.0f / (1.0f + expf(-s));
}

#endif
