/// Steps of training that are no matrix products: rows in and out of a table that several threads
/// update in place, softmax over candidates, and the optimizers. All arrays are float32, dense and
/// row-major.
#ifndef ENGRAM_TRAIN_H
#define ENGRAM_TRAIN_H

#include <stddef.h>
#include <stdint.h>

/// Copies rows [count, dim] of a table. A row whose accumulator is 0 was never updated: where
/// `spread` is not 0, its numbers are drawn from -spread..<spread, as they follow from seed, row
/// and place, and the table is not written; where it is 0 the row is copied as it is.
void engram_train_gather(const float *table, const float *accumulators, const int64_t *rows,
                         size_t count, size_t dim, uint64_t seed, float spread, float *out);

/// Row-wise Adagrad: for each of `count` gradients [count, dim], one after another, the row's
/// accumulator grows by the gradient's mean square, and the row moves by
/// rate * gradient / sqrt(accumulator). A gradient longer than `clip` is shortened to it. A row
/// that was never updated starts from `values` [count, dim], what `engram_train_gather` gave for it.
/// Rows whose gradient is all zero, or not finite, stay. Returns how many were not finite.
size_t engram_train_update_rows(float *table, float *accumulators, const int64_t *rows,
                                size_t count, size_t dim, const float *values,
                                const float *gradients, float rate, float clip);

/// Softmax cross-entropy of each row of logits [count, columns] plus bias [columns], against the
/// column targets[row]. Replaces the logits by their gradient: probability, less 1 at the target.
/// Returns the sum of the losses, in nats.
double engram_train_softmax(float *logits, const float *bias, const int32_t *targets,
                            size_t count, size_t columns);

/// Goes on with a logarithm of a sum of exponentials over more columns: for each row of logits
/// [count, columns] plus bias [columns], maximum[row] and sum[row] (of exp(x - maximum)) are brought
/// up to date. Start with maximum -INFINITY and sum 0.
void engram_train_add_exponentials(const float *logits, const float *bias, size_t count,
                                   size_t columns, float *maximum, double *sum);

/// Adds the columns of a matrix [count, columns] up: out [columns].
void engram_train_column_sums(const float *matrix, size_t count, size_t columns, float *out);

/// One step of Adam (Kingma and Ba, 2015) with bias correction: gradients are multiplied by
/// `scale` first.
void engram_train_adam(float *values, float *first, float *second, const float *gradients,
                       size_t count, float scale, float rate, float beta1, float beta2,
                       float epsilon, uint64_t step);

/// The sum of the squares of `count` numbers.
double engram_train_square_sum(const float *values, size_t count);

#endif
