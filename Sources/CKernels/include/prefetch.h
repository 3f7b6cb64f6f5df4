/// Asking the system for many pages of mapped files at once.
#ifndef ENGRAM_PREFETCH_H
#define ENGRAM_PREFETCH_H
#include "gather.h"

/// Starts reading the distinct 4 KiB pages that a batch of rows touches, and returns without
/// waiting for them. `scratch` holds at least 4 * count numbers. Returns the number of pages.
///
/// One process_madvise(2) call covers 1,024 pages; where the system refuses it, one madvise(2)
/// a page does the same more slowly.
size_t engram_prefetch_rows(
    const engram_table_view *view, const int64_t *rows, size_t count, uint64_t *scratch);

/// The same for slots at these addresses (NULL: none), `stride` bytes each.
size_t engram_prefetch_slots(
    const uint8_t *const *slots, size_t count, uint32_t stride, uint64_t *scratch);

/// Starts reading `bytes` bytes from each of these addresses on (NULL: none), and returns without
/// waiting for them. Returns the number of 4 KiB pages.
size_t engram_prefetch_ranges(const uint8_t *const *starts, size_t count, size_t bytes);

/// Starts writing a part of a file that is in memory alone to the disk, and does not wait.
void engram_start_writing(int descriptor, uint64_t offset, uint64_t count);

/// How many pages this thread had to wait for the disk for, since it started.
long engram_major_faults(void);

#endif
