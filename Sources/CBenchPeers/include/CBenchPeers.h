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

/// Row ids of one table, [count][orders * heads]: token by token, column by column, with `%`.
/// Sizes are [orders][heads]; positions before the first token are `pad`.
void engram_peer_address(
    const int32_t *tokens, size_t count, const uint32_t *map, uint32_t pad,
    const uint64_t *multipliers, int max_order, const uint64_t *sizes, int heads, int64_t *rows);

#endif
