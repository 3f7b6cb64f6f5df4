#include "fuse.h"
#include "fuse_math.h"

#include <math.h>
#include <string.h>

// Elements of D that are worked on together: their taps stay in the first-level cache while all
// tokens pass.
enum { CHUNK = 256 };

KERNEL void engram_fuse_gate(size_t tokens, size_t width, const float *key,
                             const float *key_bias, const float *hidden, size_t hidden_stride,
                             const float *weight, float epsilon, const uint8_t *mask,
                             float *gate, size_t gate_stride) {
#pragma clang fp reassociate(on) contract(fast)
  for (size_t t = 0; t < tokens; t++) {
    const float *k = key + t * width;
    const float *h = hidden + t * hidden_stride;
    float dot = 0, keys = 0, hiddens = 0;
    if (mask && !mask[t]) {
      gate[t * gate_stride] = 0;
      continue;
    }
    if (key_bias) {
      for (size_t d = 0; d < width; d++) {
        const float value = k[d] + key_bias[d];
        dot += value * h[d] * weight[d];
        keys += value * value;
        hiddens += h[d] * h[d];
      }
    } else {
      for (size_t d = 0; d < width; d++) {
        dot += k[d] * h[d] * weight[d];
        keys += k[d] * k[d];
        hiddens += h[d] * h[d];
      }
    }
    const float n = (float)width;
    dot = dot / sqrtf(keys / n + epsilon) / sqrtf(hiddens / n + epsilon) / sqrtf(n);
    gate[t * gate_stride] = sigmoid_of_root(dot);
  }
}

KERNEL void engram_fuse_scale_values(size_t tokens, size_t branches, size_t width, float *value,
                                     const float *bias, const float *gate, float epsilon,
                                     float *scale) {
#pragma clang fp reassociate(on) contract(fast)
  for (size_t t = 0; t < tokens; t++) {
    float *v = value + t * width;
    float squares = 0;
    if (bias)
      for (size_t d = 0; d < width; d++) v[d] += bias[d];
    for (size_t d = 0; d < width; d++) squares += v[d] * v[d];
    squares /= (float)width;
    for (size_t m = 0; m < branches; m++) {
      const float g = gate[t * branches + m];
      scale[t * branches + m] = g / sqrtf(g * g * squares + epsilon);
    }
  }
}

KERNEL void engram_fuse_add(size_t tokens, size_t branches, size_t width, const float *value,
                            const float *gate, const float *hidden, float *delta,
                            float *output) {
  for (size_t t = 0; t < tokens; t++) {
    const float *v = value + t * width;
    for (size_t m = 0; m < branches; m++) {
      const size_t at = (t * branches + m) * width;
      const float g = gate[t * branches + m];
      if (delta)
        for (size_t d = 0; d < width; d++) delta[at + d] = g * v[d];
      if (output)
        for (size_t d = 0; d < width; d++) output[at + d] = hidden[at + d] + g * v[d];
    }
  }
}

KERNEL void engram_fuse_convolve(size_t tokens, size_t branches, size_t width, size_t kernel,
                                 size_t dilation, const float *value, const float *scale,
                                 const float *taps, const float *gate, const float *hidden,
                                 float *delta, float *output) {
#pragma clang fp contract(fast)
  const size_t channels = branches * width;
  float sum[CHUNK];
  for (size_t first = 0; first < width; first += CHUNK) {
    const size_t count = width - first < CHUNK ? width - first : CHUNK;
    for (size_t t = 0; t < tokens; t++) {
      const float *v = value + t * width + first;
      for (size_t m = 0; m < branches; m++) {
        const size_t at = (t * branches + m) * width + first;
        const float g = gate[t * branches + m];
        for (size_t d = 0; d < count; d++) sum[d] = 0;
        for (size_t k = 0; k < kernel; k++) {
          const size_t back = (kernel - 1 - k) * dilation;
          const float *past = v - back * width;
          const float *tap = taps + k * channels + m * width + first;
          const float s = *(scale + t * branches + m - back * branches);
          for (size_t d = 0; d < count; d++) sum[d] += tap[d] * (s * past[d]);
        }
        for (size_t d = 0; d < count; d++)
          sum[d] = g * v[d] + sum[d] / (1.0f + exponential(-sum[d]));
        if (delta) memcpy(delta + at, sum, count * sizeof(float));
        if (output)
          for (size_t d = 0; d < count; d++) output[at + d] = hidden[at + d] + sum[d];
      }
    }
  }
}

KERNEL void engram_fuse_decode_fp8(const uint8_t *codes, const uint8_t *scales, size_t columns,
                                   size_t first_row, size_t last_row, float *out) {
  const size_t scale_columns = (columns + 31) / 32;
  for (size_t row = first_row; row < last_row; row++) {
    const uint8_t *code = codes + row * columns;
    const uint8_t *scale = scales + row / 32 * scale_columns;
    float *to = out + (row - first_row) * columns;
    for (size_t first = 0; first < columns; first += 32) {
      const uint8_t e = scale[first / 32];
      const float factor = e == 255 ? NAN : e == 0 ? 0x1p-127f : as_float((uint32_t)e << 23);
      const size_t end = columns - first < 32 ? columns : first + 32;
      for (size_t c = first; c < end; c++) {
        // The code's exponent and mantissa, placed in a float32, are 2^120 too small.
        const uint32_t size = (uint32_t)(code[c] & 0x7F);
        const uint32_t bits = size == 0x7F ? 0x7FC00000u : size << 20;
        const uint32_t sign = (uint32_t)(code[c] & 0x80) << 24;
        to[c] = as_float(bits | sign) * 0x1p120f * factor;
      }
    }
  }
}
