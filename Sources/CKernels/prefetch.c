#define _GNU_SOURCE
#include "prefetch.h"
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE_BITS = 12, DIGIT_BITS = 12, DIGITS = 3 };

/// Sorts page numbers relative to the smallest: three passes of 12 bits cover 256 TiB of
/// addresses, more than a process has.
static uint64_t *sort_pages(uint64_t *pages, uint64_t *other, size_t count) {
  uint64_t smallest = UINT64_MAX, largest = 0;
  for (size_t i = 0; i < count; i++) {
    if (pages[i] < smallest) smallest = pages[i];
    if (pages[i] > largest) largest = pages[i];
  }
  for (int digit = 0; digit < DIGITS; digit++) {
    int shift = digit * DIGIT_BITS;
    if ((largest - smallest) >> shift == 0) break;
    uint32_t starts[1 << DIGIT_BITS] = {0};
    for (size_t i = 0; i < count; i++)
      starts[((pages[i] - smallest) >> shift) & ((1 << DIGIT_BITS) - 1)]++;
    uint32_t sum = 0;
    for (size_t value = 0; value < 1 << DIGIT_BITS; value++) {
      uint32_t number = starts[value];
      starts[value] = sum;
      sum += number;
    }
    for (size_t i = 0; i < count; i++)
      other[starts[((pages[i] - smallest) >> shift) & ((1 << DIGIT_BITS) - 1)]++] = pages[i];
    uint64_t *swap = pages;
    pages = other;
    other = swap;
  }
  return pages;
}

static void advise(int process, const struct iovec *ranges, size_t count) {
  while (count > 0) {
    size_t batch = count < 1024 ? count : 1024;
    ssize_t done = -1;
#ifdef SYS_process_madvise
    if (process >= 0)
      done = syscall(SYS_process_madvise, process, ranges, batch, MADV_WILLNEED, 0);
#endif
    if (done < 0)
      for (size_t i = 0; i < batch; i++)
        madvise(ranges[i].iov_base, ranges[i].iov_len, MADV_WILLNEED);
    ranges += batch;
    count -= batch;
  }
}

/// Asks for `found` page numbers in `scratch`, of which there is room for twice as many.
static size_t ask_for_pages(uint64_t *scratch, size_t found, size_t capacity, uint32_t stride) {
  if (found == 0) return 0;
  uint64_t *sorted = sort_pages(scratch, scratch + capacity, found);
#ifdef SYS_pidfd_open
  int process = (int)syscall(SYS_pidfd_open, getpid(), 0);
#else
  int process = -1;
#endif
  struct iovec ranges[1024];
  size_t filled = 0, pages = 0;
  const int long_slots = stride > 1 << PAGE_BITS;
  for (size_t i = 0; i < found;) {
    uint64_t start = sorted[i], end = start + 1;
    for (i++; i < found; i++) {
      // A long slot's middle pages lie between its first and its last.
      uint64_t gap = long_slots ? (stride >> PAGE_BITS) + 1 : 0;
      if (sorted[i] > end + gap) break;
      if (sorted[i] >= end) end = sorted[i] + 1;
    }
    ranges[filled].iov_base = (void *)(uintptr_t)(start << PAGE_BITS);
    ranges[filled].iov_len = (end - start) << PAGE_BITS;
    pages += end - start;
    if (++filled == 1024) {
      advise(process, ranges, filled);
      filled = 0;
    }
  }
  advise(process, ranges, filled);
  if (process >= 0) close(process);
  return pages;
}

/// Adds the pages that a slot lies in. Slots of more than two pages are rare (rows above 4 KiB):
/// what lies between is asked for with them.
static inline size_t add_pages(
    const uint8_t *slot, uint32_t stride, uint64_t *scratch, size_t found) {
  if (!slot) return found;
  uint64_t first = (uint64_t)(uintptr_t)slot >> PAGE_BITS;
  uint64_t last = (uint64_t)(uintptr_t)(slot + stride - 1) >> PAGE_BITS;
  scratch[found++] = first;
  if (last != first) scratch[found++] = last;
  return found;
}

size_t engram_prefetch_rows(
    const engram_table_view *view, const int64_t *rows, size_t count, uint64_t *scratch) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++)
    found = add_pages(engram_find_slot(view, rows[i]), view->stride, scratch, found);
  return ask_for_pages(scratch, found, 2 * count, view->stride);
}

size_t engram_prefetch_slots(
    const uint8_t *const *slots, size_t count, uint32_t stride, uint64_t *scratch) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) found = add_pages(slots[i], stride, scratch, found);
  return ask_for_pages(scratch, found, 2 * count, stride);
}

size_t engram_prefetch_ranges(const uint8_t *const *starts, size_t count, size_t bytes) {
  struct iovec ranges[256];
  size_t filled = 0, pages = 0;
#ifdef SYS_pidfd_open
  int process = (int)syscall(SYS_pidfd_open, getpid(), 0);
#else
  int process = -1;
#endif
  for (size_t i = 0; i < count; i++) {
    if (!starts[i] || bytes == 0) continue;
    uintptr_t first = (uintptr_t)starts[i] >> PAGE_BITS << PAGE_BITS;
    uintptr_t end = (((uintptr_t)starts[i] + bytes - 1) >> PAGE_BITS << PAGE_BITS) + (1 << PAGE_BITS);
    ranges[filled].iov_base = (void *)first;
    ranges[filled].iov_len = end - first;
    pages += (end - first) >> PAGE_BITS;
    if (++filled == 256) {
      advise(process, ranges, filled);
      filled = 0;
    }
  }
  advise(process, ranges, filled);
  if (process >= 0) close(process);
  return pages;
}

void engram_start_writing(int descriptor, uint64_t offset, uint64_t count) {
#ifdef SYNC_FILE_RANGE_WRITE
  sync_file_range(descriptor, (off_t)offset, (off_t)count, SYNC_FILE_RANGE_WRITE);
#else
  (void)descriptor, (void)offset, (void)count;
#endif
}

long engram_major_faults(void) {
  struct rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_majflt : 0;
}
