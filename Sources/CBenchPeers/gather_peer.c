#include "CBenchPeers.h"
#include <string.h>

void engram_peer_flat_gather(
    const uint8_t *base, const int64_t *rows, size_t count, size_t row_bytes, uint8_t *out) {
  for (size_t i = 0; i < count; i++)
    memcpy(out + i * row_bytes, base + (size_t)rows[i] * row_bytes, row_bytes);
}

void engram_peer_flat_gather_prefetch(
    const uint8_t *base, const int64_t *rows, size_t count, size_t row_bytes, uint8_t *out) {
  enum { DISTANCE = 12 };
  for (size_t i = 0; i < count; i++) {
    if (i + DISTANCE < count) {
      const uint8_t *next = base + (size_t)rows[i + DISTANCE] * row_bytes;
      for (size_t at = 0; at < row_bytes; at += 64) __builtin_prefetch(next + at);
      __builtin_prefetch(next + row_bytes - 1);
    }
    memcpy(out + i * row_bytes, base + (size_t)rows[i] * row_bytes, row_bytes);
  }
}
