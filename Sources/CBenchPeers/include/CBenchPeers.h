/// What benchmarks compare with: the plainest loops that do the same work, compiled with the
/// same flags.
#ifndef ENGRAM_BENCH_PEERS_H
#define ENGRAM_BENCH_PEERS_H
#include <stddef.h>
#include <stdint.h>

/// Rows of a flat mapped file, one memcpy each.
void engram_peer_flat_gather(
    const uint8_t *base, const int64_t *rows, size_t count, size_t row_bytes, uint8_t *out);

/// The same with software prefetch, as far ahead as our own kernel.
void engram_peer_flat_gather_prefetch(
    const uint8_t *base, const int64_t *rows, size_t count, size_t row_bytes, uint8_t *out);

#endif
