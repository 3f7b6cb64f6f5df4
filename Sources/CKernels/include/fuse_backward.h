#ifndef ENGRAM_FUSE_BACKWARD_H
#define ENGRAM_FUSE_BACKWARD_H
#include <stddef.h>
#include <stdint.h>

// What training a fusion needs beside matrix products: a forward pass that keeps what the backward
// pass needs, and the backward pass. All arrays are float32 and row-major; T tokens, M branches,
// D width. "stride" arrays have rows that many floats apart, all others are dense. A function that
// "adds to" a gradient needs it to hold numbers; all other results are written.

/// Adds bias [columns] to every row of values [T, columns].
void engram_fuse_add_bias(size_t tokens, size_t columns, const float *bias, float *values);

/// Adds the sum of the rows of values [T, columns] to sum [columns].
void engram_fuse_add_rows(size_t tokens, size_t columns, const float *values, float *sum);

/// Gates as engram_fuse_gate computes them, of all branches, and what their gradient needs.
///
/// key [T, stride], M keys of D at the start of each row; hidden [T, M, D]; weight [M, D];
/// mask [T] or NULL. Writes gate, dot (the root's argument), key_scale = rsqrt(mean(key^2) + eps)
/// and hidden_scale, the same of hidden: [T, M] each; dot is 0 where the mask is.
void engram_fuse_train_gates(size_t tokens, size_t branches, size_t width, size_t stride,
                             const float *key, const float *hidden, const float *weight,
                             float epsilon, const uint8_t *mask, float *gate, float *dot,
                             float *key_scale, float *hidden_scale);

/// The gradient of the above. gate_gradient [T, M]; output_gradient and hidden_gradient [T, M, D]
/// may be the same memory: hidden_gradient = output_gradient + what comes through the gate.
/// Writes key_gradient [T, stride]; adds to weight_gradient [M, D].
void engram_fuse_gates_backward(size_t tokens, size_t branches, size_t width, size_t stride,
                                const float *key, const float *hidden, const float *weight,
                                const float *gate, const float *dot, const float *key_scale,
                                const float *hidden_scale, const float *gate_gradient,
                                const float *output_gradient, float *key_gradient,
                                float *hidden_gradient, float *weight_gradient);

/// output = hidden + gate * value. value [T, stride], D each; gate [T, M].
void engram_fuse_train_add(size_t tokens, size_t branches, size_t width, size_t stride,
                           const float *value, const float *gate, const float *hidden,
                           float *output);

/// The gradient of the above: writes value_gradient [T, stride] and gate_gradient [T, M].
void engram_fuse_add_backward(size_t tokens, size_t branches, size_t width, size_t stride,
                              const float *value, const float *gate,
                              const float *output_gradient, float *value_gradient,
                              float *gate_gradient);

/// Factors of the convolution's inputs: root = 1 / sqrt(gate^2 mean(value^2) + eps),
/// scale = gate * root, [T, M] each.
void engram_fuse_train_scales(size_t tokens, size_t branches, size_t width, size_t stride,
                              const float *value, const float *gate, float epsilon, float *root,
                              float *scale);

/// output = hidden + gate * value + silu(sum), sum [T, M, D] as engram_fuse_convolve defines it,
/// over one sequence: nothing is before its first token. taps [kernel, M, D].
void engram_fuse_train_convolve(size_t tokens, size_t branches, size_t width, size_t stride,
                                size_t kernel, size_t dilation, const float *value,
                                const float *gate, const float *scale, const float *taps,
                                const float *hidden, float *sum, float *output);

/// sum_gradient = output_gradient * silu'(sum), count floats each.
void engram_fuse_silu_backward(size_t count, const float *sum, const float *output_gradient,
                               float *sum_gradient);

/// The gradient of engram_fuse_train_convolve and engram_fuse_train_scales, of one sequence.
/// Writes value_gradient [T, stride] and gate_gradient [T, M]; adds to taps_gradient
/// [kernel, M, D]; scratch: D floats.
void engram_fuse_convolve_backward(size_t tokens, size_t branches, size_t width, size_t stride,
                                   size_t kernel, size_t dilation, const float *value,
                                   const float *gate, const float *root, const float *scale,
                                   const float *taps, float epsilon,
                                   const float *output_gradient, const float *sum_gradient,
                                   float *value_gradient, float *gate_gradient,
                                   float *taps_gradient, float *scratch);
#endif
