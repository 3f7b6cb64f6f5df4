/// CRC32C (Castagnoli), the checksum of every row, page directory and checksum list.
#ifndef ENGRAM_CRC32C_H
#define ENGRAM_CRC32C_H
#include <stddef.h>
#include <stdint.h>

/// Continues a CRC32C over `count` more bytes. Start with 0; the result of one call is the
/// `crc` of the next. Uses the processor's instruction where there is one (SSE 4.2).
uint32_t engram_crc32c(uint32_t crc, const void *bytes, size_t count);

/// The same by table, one byte at a time: the reference of the tests and the fallback.
uint32_t engram_crc32c_portable(uint32_t crc, const void *bytes, size_t count);

#endif
