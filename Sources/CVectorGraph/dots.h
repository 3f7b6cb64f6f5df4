/// The dot product that all searches and builders use, inlined into functions that are compiled
/// for several machines.
#ifndef ENGRAM_DOTS_H
#define ENGRAM_DOTS_H
#include <stddef.h>

#if defined(__x86_64__)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif

static inline __attribute__((always_inline)) float dot(
  const float *a, const float *b, size_t dimensions) {
#pragma clang fp reassociate(on) contract(fast)
  float sum = 0;
  for (size_t i = 0; i < dimensions; i++) sum += a[i] * b[i];
  return sum;
}
#endif
