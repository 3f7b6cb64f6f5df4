#ifndef ENGRAM_FUSE_H
#define ENGRAM_FUSE_H
#include <stddef.h>
#include <stdint.h>

// The parts of fusion that are no matrix products. All arrays are float32, dense and row-major;
// T tokens, M branches, D width. Each function works on the tokens it is given and on nothing
// else, so that threads can share a batch by tokens.

/// Gates of one branch: sigmoid(s(dot)), s(g) = sign(g) sqrt(max(|g|, 1e-6)), where
/// dot = sum(key * hidden * weight) rsqrt(mean(key^2) + eps) rsqrt(mean(hidden^2) + eps) / sqrt(D).
///
/// key [T, D], key_bias [D] or NULL (added to every key), hidden [T] rows of D floats that are
/// hidden_stride floats apart, weight [D], mask [T] or NULL (0: no row, the gate is 0),
/// gate [T] floats that are gate_stride floats apart.
void engram_fuse_gate(size_t tokens, size_t width, const float *key, const float *key_bias,
                      const float *hidden, size_t hidden_stride, const float *weight,
                      float epsilon, const uint8_t *mask, float *gate, size_t gate_stride);

/// Adds bias [D] (or NULL) to every value [T, D], in place, and writes the factor that turns a
/// value into the input of the convolution, gate / sqrt(gate^2 mean(value^2) + eps), to
/// scale [T, M]. gate is [T, M].
void engram_fuse_scale_values(size_t tokens, size_t branches, size_t width, float *value,
                              const float *bias, const float *gate, float epsilon, float *scale);

/// delta = gate * value, output = hidden + delta; either of them may be NULL.
/// value [T, D], gate [T, M], hidden, delta and output [T, M, D].
void engram_fuse_add(size_t tokens, size_t branches, size_t width, const float *value,
                     const float *gate, const float *hidden, float *delta, float *output);

/// delta = gate * value + silu(conv), output = hidden + delta; either of them may be NULL. conv is
/// causal and depthwise: the sum over k of taps[k] * scale * value, each at token
/// t - (kernel - 1 - k) * dilation.
///
/// value [T, D] and scale [T, M] have (kernel - 1) * dilation tokens of history right before
/// them; taps [kernel, M, D].
void engram_fuse_convolve(size_t tokens, size_t branches, size_t width, size_t kernel,
                          size_t dilation, const float *value, const float *scale,
                          const float *taps, const float *gate, const float *hidden,
                          float *delta, float *output);

/// Decodes FP8 E4M3 codes [rows, columns] (0x7f and 0xff are NaN) that have one E8M0 scale
/// (2^(x - 127), 255 is NaN) for every block of 32 x 32: scales [rows / 32, columns / 32], both
/// rounded up. Writes rows first_row ..< last_row to out, which starts at row first_row.
void engram_fuse_decode_fp8(const uint8_t *codes, const uint8_t *scales, size_t columns,
                            size_t first_row, size_t last_row, float *out);
#endif
