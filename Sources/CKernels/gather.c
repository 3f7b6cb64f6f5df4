#include "gather.h"
#include "crc32c.h"
#include "row_sums.h"

enum {
  /// How many rows ahead of the copy the memory is asked for.
  DISTANCE = 15,
  /// How many slots are found at once; whole groups of three.
  WINDOW = 240,
};

static inline const uint8_t *slot_of(const engram_table_view *view, uint64_t row) {
  uint64_t page = row;
  if (__builtin_expect(view->page_reciprocal != 0, 1))
    page = (uint64_t)(((unsigned __int128)row * view->page_reciprocal) >> 64);
  uint64_t entry = view->pages[page];
  if (__builtin_expect(entry == ENGRAM_ABSENT_PAGE, 0)) return NULL;
  uint64_t slot = row - page * view->rows_per_page;
  return view->files[entry >> 48] + (entry & 0xFFFFFFFFFFFFu) + slot * view->stride;
}

/// Into the second-level cache: the first has too few places for lines under way, and a row is 5
/// or 6 of them.
static inline void prefetch_slot(const uint8_t *slot, uint32_t stride) {
  if (!slot) return;
  for (uint32_t offset = 0; offset < stride; offset += 64) __builtin_prefetch(slot + offset, 0, 2);
  __builtin_prefetch(slot + stride - 1, 0, 2);
}

const uint8_t *engram_find_slot(const engram_table_view *view, int64_t row) {
  return slot_of(view, (uint64_t)row);
}

/// Whether all of a block's entries are of one file and below `limit`; neither absent.
__attribute__((target_clones("avx512f", "avx2", "default"))) static int block_is_inside(
    const uint64_t *entries, uint64_t limit) {
  const uint64_t file = entries[0] >> 48;
  uint64_t other = 0, largest = 0;
  for (size_t i = 0; i < 512; i++) {
    other |= entries[i] >> 48 ^ file;
    largest = entries[i] > largest ? entries[i] : largest;
  }
  return other == 0 && (largest & 0xFFFFFFFFFFFFu) <= limit;
}

size_t engram_check_pages(
    const uint64_t *pages, size_t count, const uint64_t *file_sizes, size_t file_count,
    uint64_t page_bytes, uint64_t last_page_bytes, size_t *absent) {
  size_t missing = 0;
  for (size_t page = 0; page < count;) {
    uint64_t entry = pages[page], file = entry >> 48;
    // Most blocks lie in one file; the others, and the last page, are looked at one by one.
    if (page + 512 < count && file < file_count && file_sizes[file] >= page_bytes &&
        block_is_inside(pages + page, file_sizes[file] - page_bytes)) {
      page += 512;
      continue;
    }
    size_t end = page + 512 < count ? page + 512 : count;
    for (; page < end; page++) {
      entry = pages[page];
      if (entry == ENGRAM_ABSENT_PAGE) {
        missing++;
        continue;
      }
      uint64_t bytes = page + 1 == count ? last_page_bytes : page_bytes;
      uint64_t offset = entry & 0xFFFFFFFFFFFFu;
      if (entry >> 48 >= file_count || offset + bytes > file_sizes[entry >> 48]) return page;
    }
  }
  *absent = missing;
  return count;
}

size_t engram_find_row_out_of_range(const int64_t *rows, size_t count, uint64_t row_count) {
  // Blocks without a branch inside, so that the compiler compares many at once.
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    int bad = 0;
    for (size_t j = 0; j < 64; j++) bad |= (uint64_t)rows[i + j] >= row_count;
    if (bad) break;
  }
  while (i < count && (uint64_t)rows[i] < row_count) i++;
  return i;
}

/// The rows that are copied next, and their slots. The directory is read in a loop of its own, so
/// that the copy that follows waits for rows alone.
typedef struct {
  const uint8_t *slots[WINDOW + DISTANCE];
  /// Slots found: those of this window's rows, and of those just behind it.
  size_t found;
  /// Rows of this window.
  size_t rows;
} slot_window;

static inline void find_window(
    slot_window *window, const engram_table_view *view, const int64_t *rows, size_t count,
    size_t start) {
  size_t left = count - start;
  window->found = left < WINDOW + DISTANCE ? left : WINDOW + DISTANCE;
  window->rows = left < WINDOW ? left : WINDOW;
  for (size_t i = 0; i < window->found; i++)
    window->slots[i] = slot_of(view, (uint64_t)rows[start + i]);
  // Later windows' first rows were asked for from the window before.
  for (size_t i = 0; start == 0 && i < DISTANCE && i < window->found; i++)
    prefetch_slot(window->slots[i], view->stride);
}

static inline void copy_row(uint8_t *out, const uint8_t *slot, uint32_t row_bytes) {
  if (__builtin_expect(slot != NULL, 1))
    memcpy(out, slot, row_bytes);
  else
    memset(out, 0, row_bytes);
}

void engram_gather_unchecked(
    const engram_table_view *view, const int64_t *rows, size_t count, uint8_t *out) {
  const uint32_t row_bytes = view->row_bytes, stride = view->stride;
  slot_window window;
  for (size_t start = 0; start < count; start += WINDOW) {
    find_window(&window, view, rows, count, start);
    for (size_t i = 0; i < window.rows; i++, out += row_bytes) {
      if (i + DISTANCE < window.found) prefetch_slot(window.slots[i + DISTANCE], stride);
      copy_row(out, window.slots[i], row_bytes);
    }
  }
}

uint32_t engram_row_checksum(
    uint32_t salt_crc, uint64_t row, const uint8_t *bytes, uint32_t row_bytes) {
  return engram_crc32c(engram_crc32c(salt_crc, &row, 8), bytes, row_bytes);
}

#if ENGRAM_X86
/// Three rows at once; whether all of them match their checksums.
CRC_TARGET static inline int copy_three(
    const uint8_t *const slots[3], const int64_t *rows, uint32_t salt_crc, uint8_t *out,
    uint32_t row_bytes) {
  const uint64_t start = (uint32_t)~salt_crc;
  uint64_t states[3];
  for (int k = 0; k < 3; k++) states[k] = _mm_crc32_u64(start, (uint64_t)rows[k]);
  copy_three_rows(
      slots[0], slots[1], slots[2], out, out + row_bytes, out + 2 * (size_t)row_bytes, states,
      row_bytes, 0, 0);
  return (~(uint32_t)states[0] == stored_sum(slots[0], row_bytes)) &&
         (~(uint32_t)states[1] == stored_sum(slots[1], row_bytes)) &&
         (~(uint32_t)states[2] == stored_sum(slots[2], row_bytes));
}

CRC_TARGET static inline int copy_one(
    const uint8_t *slot, int64_t row, uint32_t salt_crc, uint8_t *out, uint32_t row_bytes) {
  uint64_t state = _mm_crc32_u64((uint32_t)~salt_crc, (uint64_t)row);
  state = tail_sum(state, slot, out, 0, row_bytes);
  return ~(uint32_t)state == stored_sum(slot, row_bytes);
}

CRC_TARGET static size_t gather_sse42(
    const engram_table_view *view, const int64_t *rows, size_t count, uint8_t *out) {
  const uint32_t row_bytes = view->row_bytes, stride = view->stride, salt_crc = view->salt_crc;
  slot_window window;
  const uint8_t *const *slots = window.slots;
  for (size_t start = 0; start < count; start += WINDOW) {
    find_window(&window, view, rows, count, start);
    for (size_t i = 0; i < window.rows; i += 3) {
      const int64_t *ids = rows + start + i;
      uint8_t *to = out + (start + i) * (size_t)row_bytes;
      size_t group = window.rows - i < 3 ? window.rows - i : 3;
      for (size_t k = i + DISTANCE; k < i + DISTANCE + group && k < window.found; k++)
        prefetch_slot(slots[k], stride);
      if (__builtin_expect(group == 3 && slots[i] && slots[i + 1] && slots[i + 2], 1) &&
          __builtin_expect(copy_three(slots + i, ids, salt_crc, to, row_bytes), 1))
        continue;
      for (size_t k = 0; k < group; k++, to += row_bytes) {
        if (!slots[i + k])
          memset(to, 0, row_bytes);
        else if (!copy_one(slots[i + k], ids[k], salt_crc, to, row_bytes))
          return start + i + k;
      }
    }
  }
  return count;
}

/// Sums three neighbouring slots at once; writes the sums where `seal`, else compares.
CRC_TARGET static size_t walk_slots_sse42(
    uint32_t salt_crc, uint64_t first_row, size_t count, uint8_t *slots, uint32_t row_bytes,
    int seal) {
  const size_t stride = (size_t)row_bytes + 4;
  const uint64_t start = (uint32_t)~salt_crc;
  size_t i = 0;
  for (; i < count; i += 3) {
    size_t group = count - i < 3 ? count - i : 3;
    uint64_t state[3];
    uint8_t *slot[3];
    for (size_t k = 0; k < 3; k++) {
      // The last group may be short: it sums its first row again and drops the result.
      size_t index = k < group ? i + k : i;
      slot[k] = slots + index * stride;
      state[k] = _mm_crc32_u64(start, first_row + index);
    }
    uint32_t at = 0;
    uint64_t p = state[0], q = state[1], r = state[2];
    for (; at + 8 <= row_bytes; at += 8) {
      uint64_t u, v, w;
      memcpy(&u, slot[0] + at, 8);
      memcpy(&v, slot[1] + at, 8);
      memcpy(&w, slot[2] + at, 8);
      p = _mm_crc32_u64(p, u);
      q = _mm_crc32_u64(q, v);
      r = _mm_crc32_u64(r, w);
    }
    state[0] = tail_sum(p, slot[0], NULL, at, row_bytes);
    state[1] = tail_sum(q, slot[1], NULL, at, row_bytes);
    state[2] = tail_sum(r, slot[2], NULL, at, row_bytes);
    for (size_t k = 0; k < group; k++) {
      uint32_t sum = ~(uint32_t)state[k];
      if (seal)
        memcpy(slot[k] + row_bytes, &sum, 4);
      else if (sum != stored_sum(slot[k], row_bytes))
        return i + k;
    }
  }
  return count;
}
#endif

size_t engram_gather_checked(
    const engram_table_view *view, const int64_t *rows, size_t count, uint8_t *out) {
#if ENGRAM_X86
  if (has_crc_instruction()) return gather_sse42(view, rows, count, out);
#endif
  for (size_t i = 0; i < count; i++, out += view->row_bytes) {
    const uint8_t *slot = slot_of(view, (uint64_t)rows[i]);
    if (!slot) {
      memset(out, 0, view->row_bytes);
      continue;
    }
    uint32_t stored;
    memcpy(&stored, slot + view->row_bytes, 4);
    memcpy(out, slot, view->row_bytes);
    if (engram_row_checksum(view->salt_crc, (uint64_t)rows[i], out, view->row_bytes) != stored)
      return i;
  }
  return count;
}

void engram_seal_slots(
    uint32_t salt_crc, uint64_t first_row, size_t count, uint8_t *slots, uint32_t row_bytes) {
#if ENGRAM_X86
  if (has_crc_instruction()) {
    walk_slots_sse42(salt_crc, first_row, count, slots, row_bytes, 1);
    return;
  }
#endif
  for (size_t i = 0; i < count; i++, slots += row_bytes + 4) {
    uint32_t sum = engram_row_checksum(salt_crc, first_row + i, slots, row_bytes);
    memcpy(slots + row_bytes, &sum, 4);
  }
}

size_t engram_check_slots(
    uint32_t salt_crc, uint64_t first_row, size_t count, const uint8_t *slots,
    uint32_t row_bytes) {
#if ENGRAM_X86
  if (has_crc_instruction())
    // Only `seal` writes; here the slots are read.
    return walk_slots_sse42(salt_crc, first_row, count, (uint8_t *)slots, row_bytes, 0);
#endif
  for (size_t i = 0; i < count; i++, slots += row_bytes + 4) {
    uint32_t stored;
    memcpy(&stored, slots + row_bytes, 4);
    if (engram_row_checksum(salt_crc, first_row + i, slots, row_bytes) != stored) return i;
  }
  return count;
}

void engram_spread_rows(
    const uint8_t *from, uint32_t bytes, size_t count, uint8_t *to, size_t stride) {
  for (size_t i = 0; i < count; i++) memcpy(to + i * stride, from + i * (size_t)bytes, bytes);
}

void engram_collect_rows(
    const uint8_t *from, size_t stride, uint32_t bytes, size_t count, uint8_t *to) {
  for (size_t i = 0; i < count; i++) memcpy(to + i * (size_t)bytes, from + i * stride, bytes);
}

int engram_all_zero(const uint8_t *bytes, size_t count) {
  if (count == 0) return 1;
  return bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0;
}
