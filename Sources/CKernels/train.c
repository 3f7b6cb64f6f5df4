#include "train.h"

#include <math.h>
#include <string.h>

#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))

/// Rows ahead that are asked for: about the time that one takes from memory.
enum { AHEAD = 16 };

/// SplitMix64's output function.
static inline uint64_t mixed(uint64_t x) {
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
  x = (x ^ x >> 27) * 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

static void draw_row(uint64_t seed, int64_t row, size_t dim, float spread, float *out) {
  uint64_t state = mixed(seed + 0x9E3779B97F4A7C15u * (uint64_t)(row + 1));
  for (size_t k = 0; k < dim; k++) {
    uint64_t bits = mixed(state + 0x9E3779B97F4A7C15u * (k + 1));
    out[k] = ((float)(int32_t)(bits >> 32)) * 0x1p-31f * spread;
  }
}

static inline void prefetch_row(const float *row, size_t dim) {
  for (size_t k = 0; k < dim; k += 16) __builtin_prefetch(row + k, 1);
}

static inline void copy_row(const float *from, size_t dim, float *to) {
  size_t k = 0;
  for (; k + 16 <= dim; k += 16)
    for (size_t lane = 0; lane < 16; lane++) to[k + lane] = from[k + lane];
  for (; k < dim; k++) to[k] = from[k];
}

CLONES void engram_train_gather(const float *table, const float *accumulators,
                                const int64_t *rows, size_t count, size_t dim, uint64_t seed,
                                float spread, float *out) {
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) {
      prefetch_row(table + (size_t)rows[i + AHEAD] * dim, dim);
      __builtin_prefetch(accumulators + rows[i + AHEAD], 1);
    }
    size_t row = (size_t)rows[i];
    if (spread != 0 && accumulators[row] == 0)
      draw_row(seed, rows[i], dim, spread, out + i * dim);
    else
      copy_row(table + row * dim, dim, out + i * dim);
  }
}

static inline float square_sum(const float *values, size_t count) {
  float sum[16] = {0};
  size_t k = 0;
  for (; k + 16 <= count; k += 16)
    for (size_t lane = 0; lane < 16; lane++) sum[lane] += values[k + lane] * values[k + lane];
  float total = 0;
  for (; k < count; k++) total += values[k] * values[k];
  for (size_t half = 8; half > 0; half /= 2)
    for (size_t lane = 0; lane < half; lane++) sum[lane] += sum[lane + half];
  return total + sum[0];
}

CLONES size_t engram_train_update_rows(float *table, float *accumulators, const int64_t *rows,
                                       size_t count, size_t dim, const float *values,
                                       const float *gradients, float rate, float clip) {
  size_t bad = 0;
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) {
      prefetch_row(table + (size_t)rows[i + AHEAD] * dim, dim);
      __builtin_prefetch(accumulators + rows[i + AHEAD], 1);
    }
    const float *gradient = gradients + i * dim;
    float length = square_sum(gradient, dim);
    if (length == 0) continue;
    if (!(length <= 3e38f)) {
      bad++;
      continue;
    }
    float factor = 1;
    if (length > clip * clip) {
      factor = clip / sqrtf(length);
      length = clip * clip;
    }
    size_t row = (size_t)rows[i];
    float before = accumulators[row];
    float after = before + length / (float)dim;
    if (after == 0) continue;
    float *place = table + row * dim;
    const float *from = before == 0 ? values + i * dim : place;
    float step = rate * factor / sqrtf(after);
    size_t k = 0;
    for (; k + 16 <= dim; k += 16)
      for (size_t lane = 0; lane < 16; lane++)
        place[k + lane] = from[k + lane] - step * gradient[k + lane];
    for (; k < dim; k++) place[k] = from[k] - step * gradient[k];
    accumulators[row] = after;
  }
  return bad;
}

/// exp(x) for x <= 0, to about 2e-7 relative: 2^n times a polynomial (Cephes' coefficients for
/// float32), all in operations that vectorise.
static inline float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  float n = (x * 1.44269504f + 12582912.0f) - 12582912.0f;
  float r = x - n * 0.693359375f + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  int32_t bits = ((int32_t)n + 127) << 23;
  float power;
  memcpy(&power, &bits, 4);
  return p * power;
}

/// logits += bias; returns their maximum.
CLONES static float add_bias(float *logits, const float *bias, size_t columns) {
  float lanes[16];
  for (size_t lane = 0; lane < 16; lane++) lanes[lane] = -INFINITY;
  size_t k = 0;
  for (; k + 16 <= columns; k += 16)
    for (size_t lane = 0; lane < 16; lane++) {
      float x = logits[k + lane] + bias[k + lane];
      logits[k + lane] = x;
      lanes[lane] = x > lanes[lane] ? x : lanes[lane];
    }
  float most = -INFINITY;
  for (; k < columns; k++) {
    logits[k] += bias[k];
    most = logits[k] > most ? logits[k] : most;
  }
  for (size_t lane = 0; lane < 16; lane++) most = lanes[lane] > most ? lanes[lane] : most;
  return most;
}

/// logits = exp(logits - most); returns their sum.
CLONES static float exponentials(float *logits, size_t columns, float most) {
  float lanes[16] = {0};
  size_t k = 0;
  for (; k + 16 <= columns; k += 16)
    for (size_t lane = 0; lane < 16; lane++) {
      float x = exponential(logits[k + lane] - most);
      logits[k + lane] = x;
      lanes[lane] += x;
    }
  float sum = 0;
  for (; k < columns; k++) sum += logits[k] = exponential(logits[k] - most);
  for (size_t lane = 0; lane < 16; lane++) sum += lanes[lane];
  return sum;
}

CLONES static void scale(float *values, size_t count, float factor) {
  for (size_t k = 0; k < count; k++) values[k] *= factor;
}

double engram_train_softmax(float *logits, const float *bias, const int32_t *targets,
                            size_t count, size_t columns) {
  double loss = 0;
  for (size_t i = 0; i < count; i++) {
    float *row = logits + i * columns;
    float most = add_bias(row, bias, columns);
    float target = row[targets[i]];
    float sum = exponentials(row, columns, most);
    scale(row, columns, 1 / sum);
    row[targets[i]] -= 1;
    loss += (double)most + log((double)sum) - (double)target;
  }
  return loss;
}

CLONES static float biased_maximum(const float *logits, const float *bias, size_t columns) {
  float lanes[16];
  for (size_t lane = 0; lane < 16; lane++) lanes[lane] = -INFINITY;
  size_t k = 0;
  for (; k + 16 <= columns; k += 16)
    for (size_t lane = 0; lane < 16; lane++) {
      float x = logits[k + lane] + bias[k + lane];
      lanes[lane] = x > lanes[lane] ? x : lanes[lane];
    }
  float most = -INFINITY;
  for (; k < columns; k++) {
    float x = logits[k] + bias[k];
    most = x > most ? x : most;
  }
  for (size_t lane = 0; lane < 16; lane++) most = lanes[lane] > most ? lanes[lane] : most;
  return most;
}

CLONES static float biased_sum(const float *logits, const float *bias, size_t columns,
                               float most) {
  float lanes[16] = {0};
  size_t k = 0;
  for (; k + 16 <= columns; k += 16)
    for (size_t lane = 0; lane < 16; lane++)
      lanes[lane] += exponential(logits[k + lane] + bias[k + lane] - most);
  float sum = 0;
  for (; k < columns; k++) sum += exponential(logits[k] + bias[k] - most);
  for (size_t lane = 0; lane < 16; lane++) sum += lanes[lane];
  return sum;
}

void engram_train_add_exponentials(const float *logits, const float *bias, size_t count,
                                   size_t columns, float *maximum, double *sum) {
  for (size_t i = 0; i < count; i++) {
    const float *row = logits + i * columns;
    float most = biased_maximum(row, bias, columns);
    if (!(most <= maximum[i])) {
      sum[i] *= exp((double)maximum[i] - (double)most);
      maximum[i] = most;
    }
    sum[i] += (double)biased_sum(row, bias, columns, maximum[i]);
  }
}

CLONES void engram_train_column_sums(const float *matrix, size_t count, size_t columns,
                                     float *out) {
  memset(out, 0, columns * sizeof(float));
  for (size_t i = 0; i < count; i++)
    for (size_t k = 0; k < columns; k++) out[k] += matrix[i * columns + k];
}

CLONES void engram_train_adam(float *values, float *first, float *second,
                              const float *gradients, size_t count, float scale, float rate,
                              float beta1, float beta2, float epsilon, uint64_t step) {
  float correction1 = (float)(1 - pow((double)beta1, (double)step));
  float correction2 = (float)(1 - pow((double)beta2, (double)step));
  for (size_t k = 0; k < count; k++) {
    float g = gradients[k] * scale;
    first[k] = beta1 * first[k] + (1 - beta1) * g;
    second[k] = beta2 * second[k] + (1 - beta2) * g * g;
    values[k] -= rate * (first[k] / correction1) / (sqrtf(second[k] / correction2) + epsilon);
  }
}

CLONES double engram_train_square_sum(const float *values, size_t count) {
  double lanes[16] = {0};
  size_t k = 0;
  for (; k + 16 <= count; k += 16)
    for (size_t lane = 0; lane < 16; lane++)
      lanes[lane] += (double)values[k + lane] * (double)values[k + lane];
  double total = 0;
  for (; k < count; k++) total += (double)values[k] * (double)values[k];
  for (size_t lane = 0; lane < 16; lane++) total += lanes[lane];
  return total;
}
