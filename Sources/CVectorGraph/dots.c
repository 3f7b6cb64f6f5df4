#include "CVectorGraph.h"
#include "dots.h"

KERNEL void engram_dots(
  const float *rows, size_t count, size_t dimensions, const float *question, float *out) {
  for (size_t row = 0; row < count; row++) {
    out[row] = dot(rows + row * dimensions, question, dimensions);
  }
}
