/// A 64-bit digest of a sample, specified in `Schemas/chunk.md`: it finds equal samples and places
/// chunk boundaries. It is no proof of equality: who relies on that compares the bytes.
#ifndef ENGRAM_SAMPLE_DIGEST_H
#define ENGRAM_SAMPLE_DIGEST_H
#include <stddef.h>
#include <stdint.h>

/// The digest of `count` bytes, about 10 GB/s.
uint64_t engram_sample_digest(const void *bytes, size_t count);

#endif
