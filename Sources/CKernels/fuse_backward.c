#include "fuse_backward.h"
#include "fuse_math.h"

#include <math.h>
#include <string.h>

KERNEL void engram_fuse_add_bias(size_t tokens, size_t columns, const float *bias,
                                 float *values) {
  for (size_t t = 0; t < tokens; t++) {
    float *v = values + t * columns;
    for (size_t c = 0; c < columns; c++) v[c] += bias[c];
  }
}

KERNEL void engram_fuse_add_rows(size_t tokens, size_t columns, const float *values, float *sum) {
  for (size_t t = 0; t < tokens; t++) {
    const float *v = values + t * columns;
    for (size_t c = 0; c < columns; c++) sum[c] += v[c];
  }
}

KERNEL void engram_fuse_train_gates(size_t tokens, size_t branches, size_t width, size_t stride,
                                    const float *key, const float *hidden, const float *weight,
                                    float epsilon, const uint8_t *mask, float *gate, float *dot,
                                    float *key_scale, float *hidden_scale) {
#pragma clang fp reassociate(on) contract(fast)
  const float n = (float)width;
  for (size_t t = 0; t < tokens; t++) {
    for (size_t m = 0; m < branches; m++) {
      const float *k = key + t * stride + m * width;
      const float *h = hidden + (t * branches + m) * width;
      const float *w = weight + m * width;
      float product = 0, keys = 0, hiddens = 0;
      for (size_t d = 0; d < width; d++) {
        product += k[d] * h[d] * w[d];
        keys += k[d] * k[d];
        hiddens += h[d] * h[d];
      }
      const size_t at = t * branches + m;
      const int masked = mask && !mask[t];
      key_scale[at] = 1.0f / sqrtf(keys / n + epsilon);
      hidden_scale[at] = 1.0f / sqrtf(hiddens / n + epsilon);
      dot[at] = masked ? 0 : product * key_scale[at] * hidden_scale[at] / sqrtf(n);
      gate[at] = masked ? 0 : sigmoid_of_root(dot[at]);
    }
  }
}

KERNEL void engram_fuse_gates_backward(size_t tokens, size_t branches, size_t width,
                                       size_t stride, const float *key, const float *hidden,
                                       const float *weight, const float *gate, const float *dot,
                                       const float *key_scale, const float *hidden_scale,
                                       const float *gate_gradient, const float *output_gradient,
                                       float *key_gradient, float *hidden_gradient,
                                       float *weight_gradient) {
#pragma clang fp reassociate(on) contract(fast)
  const float n = (float)width;
  for (size_t t = 0; t < tokens; t++) {
    for (size_t m = 0; m < branches; m++) {
      const size_t at = t * branches + m;
      const float *k = key + t * stride + m * width;
      const float *h = hidden + at * width;
      const float *w = weight + m * width;
      const float *above = output_gradient + at * width;
      float *dk = key_gradient + t * stride + m * width;
      float *dh = hidden_gradient + at * width;
      float *dw = weight_gradient + m * width;
      const float g = gate[at], size = fabsf(dot[at]);
      // The root is constant where its argument is clamped.
      const float slope = size >= 1e-6f ? 0.5f / sqrtf(size) : 0;
      const float d_dot = gate_gradient[at] * g * (1 - g) * slope;
      if (d_dot == 0) {
        memset(dk, 0, width * sizeof(float));
        if (dh != above) memcpy(dh, above, width * sizeof(float));
        continue;
      }
      const float a = d_dot * key_scale[at] * hidden_scale[at] / sqrtf(n);
      const float to_key = d_dot * dot[at] * key_scale[at] * key_scale[at] / n;
      const float to_hidden = d_dot * dot[at] * hidden_scale[at] * hidden_scale[at] / n;
#pragma clang loop vectorize(assume_safety)
      for (size_t d = 0; d < width; d++) {
        const float kd = k[d], hd = h[d], wd = w[d];
        dk[d] = a * hd * wd - to_key * kd;
        dh[d] = above[d] + (a * kd * wd - to_hidden * hd);
        dw[d] += a * kd * hd;
      }
    }
  }
}

KERNEL void engram_fuse_train_add(size_t tokens, size_t branches, size_t width, size_t stride,
                                  const float *value, const float *gate, const float *hidden,
                                  float *output) {
#pragma clang fp contract(fast)
  for (size_t t = 0; t < tokens; t++) {
    const float *v = value + t * stride;
    for (size_t m = 0; m < branches; m++) {
      const size_t at = (t * branches + m) * width;
      const float g = gate[t * branches + m];
      for (size_t d = 0; d < width; d++) output[at + d] = hidden[at + d] + g * v[d];
    }
  }
}

KERNEL void engram_fuse_add_backward(size_t tokens, size_t branches, size_t width, size_t stride,
                                     const float *value, const float *gate,
                                     const float *output_gradient, float *value_gradient,
                                     float *gate_gradient) {
#pragma clang fp reassociate(on) contract(fast)
  for (size_t t = 0; t < tokens; t++) {
    const float *v = value + t * stride;
    float *dv = value_gradient + t * stride;
    for (size_t m = 0; m < branches; m++) {
      const float *above = output_gradient + (t * branches + m) * width;
      const float g = gate[t * branches + m];
      float product = 0;
      if (m == 0)
        for (size_t d = 0; d < width; d++) dv[d] = g * above[d];
      else
        for (size_t d = 0; d < width; d++) dv[d] += g * above[d];
      for (size_t d = 0; d < width; d++) product += above[d] * v[d];
      gate_gradient[t * branches + m] = product;
    }
  }
}

KERNEL void engram_fuse_train_scales(size_t tokens, size_t branches, size_t width, size_t stride,
                                     const float *value, const float *gate, float epsilon,
                                     float *root, float *scale) {
#pragma clang fp reassociate(on) contract(fast)
  for (size_t t = 0; t < tokens; t++) {
    const float *v = value + t * stride;
    float squares = 0;
    for (size_t d = 0; d < width; d++) squares += v[d] * v[d];
    squares /= (float)width;
    for (size_t m = 0; m < branches; m++) {
      const size_t at = t * branches + m;
      root[at] = 1.0f / sqrtf(gate[at] * gate[at] * squares + epsilon);
      scale[at] = gate[at] * root[at];
    }
  }
}

KERNEL void engram_fuse_train_convolve(size_t tokens, size_t branches, size_t width,
                                       size_t stride, size_t kernel, size_t dilation,
                                       const float *value, const float *gate, const float *scale,
                                       const float *taps, const float *hidden, float *sum,
                                       float *output) {
#pragma clang fp contract(fast)
  const size_t channels = branches * width;
  for (size_t t = 0; t < tokens; t++) {
    for (size_t m = 0; m < branches; m++) {
      const size_t at = (t * branches + m) * width;
      const float *v = value + t * stride;
      float *z = sum + at;
      const float s = scale[t * branches + m], g = gate[t * branches + m];
      const float *last = taps + (kernel - 1) * channels + m * width;
      for (size_t d = 0; d < width; d++) z[d] = last[d] * (s * v[d]);
      for (size_t k = 1; k < kernel && k * dilation <= t; k++) {
        const size_t from = t - k * dilation;
        const float *past = value + from * stride;
        const float *tap = taps + (kernel - 1 - k) * channels + m * width;
        const float factor = scale[from * branches + m];
        for (size_t d = 0; d < width; d++) z[d] += tap[d] * (factor * past[d]);
      }
      const float *h = hidden + at;
      float *out = output + at;
      for (size_t d = 0; d < width; d++)
        out[d] = h[d] + g * v[d] + z[d] / (1.0f + exponential(-z[d]));
    }
  }
}

KERNEL void engram_fuse_silu_backward(size_t count, const float *sum,
                                      const float *output_gradient, float *sum_gradient) {
#pragma clang fp contract(fast)
  for (size_t i = 0; i < count; i++) {
    const float z = sum[i], s = 1.0f / (1.0f + exponential(-z));
    sum_gradient[i] = output_gradient[i] * (s + z * s * (1.0f - s));
  }
}

KERNEL void engram_fuse_convolve_backward(size_t tokens, size_t branches, size_t width,
                                          size_t stride, size_t kernel, size_t dilation,
                                          const float *value, const float *gate,
                                          const float *root, const float *scale,
                                          const float *taps, float epsilon,
                                          const float *output_gradient,
                                          const float *sum_gradient, float *value_gradient,
                                          float *gate_gradient, float *taps_gradient,
                                          float *restrict scratch) {
#pragma clang fp reassociate(on) contract(fast)
  const size_t channels = branches * width;
  for (size_t t = 0; t < tokens; t++) {
    const float *v = value + t * stride;
    float *dv = value_gradient + t * stride;
    for (size_t m = 0; m < branches; m++) {
      const size_t at = t * branches + m;
      const float *above = output_gradient + at * width;
      const float g = gate[at], r = root[at], s = scale[at];
      for (size_t d = 0; d < width; d++) scratch[d] = 0;
      // What each later output gives back to this token's input, and to the tap between them.
      for (size_t k = 0; k < kernel && t + k * dilation < tokens; k++) {
        const float *later = sum_gradient + (at + k * dilation * branches) * width;
        const float *tap = taps + (kernel - 1 - k) * channels + m * width;
        float *d_tap = taps_gradient + (kernel - 1 - k) * channels + m * width;
#pragma clang loop vectorize(assume_safety)
        for (size_t d = 0; d < width; d++) {
          scratch[d] += tap[d] * later[d];
          d_tap[d] += later[d] * (s * v[d]);
        }
      }
      float inputs = 0, direct = 0;
      for (size_t d = 0; d < width; d++) {
        inputs += scratch[d] * v[d];
        direct += above[d] * v[d];
      }
      gate_gradient[at] = direct + inputs * epsilon * (r * r * r);
      const float shrink = inputs * (s * s * s) / (float)width;
      if (m == 0)
        for (size_t d = 0; d < width; d++) dv[d] = g * above[d] + s * scratch[d] - shrink * v[d];
      else
        for (size_t d = 0; d < width; d++) dv[d] += g * above[d] + s * scratch[d] - shrink * v[d];
    }
  }
}
