/// SHA-256 of two messages side by side. One SHA-256 waits for its own last step most of the
/// time; two that do not depend on each other fill the gaps.
#ifndef ENGRAM_SHA256_H
#define ENGRAM_SHA256_H
#include <stddef.h>
#include <stdint.h>

/// Whether this machine has the instructions; without them use a library, one by one.
int engram_sha256_pair_is_supported(void);

/// Digests of two messages of `count` bytes each, each followed by 8 more bytes: the
/// little-endian numbers `tail_a` and `tail_b`.
void engram_sha256_pair(
    const uint8_t *a, uint64_t tail_a, const uint8_t *b, uint64_t tail_b, size_t count,
    uint8_t digest_a[32], uint8_t digest_b[32]);

#endif
