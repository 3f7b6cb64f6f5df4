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

/// How many pages this thread had to wait for the disk for, since it started.
long engram_major_faults(void);

#endif
