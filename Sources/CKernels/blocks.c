#include "blocks.h"
#include "crc32c.h"
#include "prefetch.h"
#include "row_sums.h"
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>

enum {
  /// How many rows ahead of the copy the memory is asked for.
  DISTANCE = 12,
  /// How many slots are found at once; whole groups of three.
  WINDOW = 240,
  /// How many bytes ahead of a copy of neighbouring rows the memory is asked for.
  AHEAD = 16384,
};

static inline uint32_t row_sum(
    uint32_t salt_crc, uint64_t word, const uint8_t *bytes, uint32_t row_bytes) {
  return engram_crc32c(engram_crc32c(salt_crc, &word, 8), bytes, row_bytes);
}

#if ENGRAM_X86
CRC_TARGET static inline uint64_t start_of(uint32_t salt_crc, uint64_t word) {
  return _mm_crc32_u64((uint32_t)~salt_crc, word);
}

CRC_TARGET static void seal_sse42(
    const uint8_t *rows, size_t count, uint32_t row_bytes, uint32_t salt_crc, uint64_t word,
    uint8_t *slots) {
  const size_t stride = (size_t)row_bytes + 4;
  size_t i = 0;
  for (; i + 3 <= count; i += 3) {
    const uint8_t *from = rows + i * row_bytes;
    uint8_t *to = slots + i * stride;
    uint64_t states[3];
    for (int k = 0; k < 3; k++) states[k] = start_of(salt_crc, word + i + k);
    copy_three_rows(
        from, from + row_bytes, from + 2 * (size_t)row_bytes, to, to + stride, to + 2 * stride,
        states, row_bytes, 0, AHEAD);
    for (int k = 0; k < 3; k++) {
      uint32_t sum = ~(uint32_t)states[k];
      memcpy(to + k * stride + row_bytes, &sum, 4);
    }
  }
  for (; i < count; i++) {
    uint8_t *to = slots + i * stride;
    uint32_t sum = ~(uint32_t)tail_sum(
        start_of(salt_crc, word + i), rows + i * row_bytes, to, 0, row_bytes);
    memcpy(to + row_bytes, &sum, 4);
  }
}

CRC_TARGET static inline __attribute__((always_inline)) size_t open_three_by_three(
    const uint8_t *slots, size_t count, uint32_t row_bytes, uint32_t salt_crc, uint64_t word,
    uint8_t *rows, int past_caches) {
  const size_t stride = (size_t)row_bytes + 4;
  size_t i = 0;
  for (; i + 3 <= count; i += 3) {
    const uint8_t *from = slots + i * stride;
    uint8_t *to = rows + i * row_bytes;
    uint64_t states[3];
    for (int k = 0; k < 3; k++) states[k] = start_of(salt_crc, word + i + k);
    copy_three_rows(
        from, from + stride, from + 2 * stride, to, to + row_bytes, to + 2 * (size_t)row_bytes,
        states, row_bytes, past_caches, AHEAD);
    for (int k = 0; k < 3; k++)
      if (~(uint32_t)states[k] != stored_sum(from + k * stride, row_bytes)) return i + k;
  }
  for (; i < count; i++) {
    const uint8_t *from = slots + i * stride;
    uint64_t state =
        tail_sum(start_of(salt_crc, word + i), from, rows + i * row_bytes, 0, row_bytes);
    if (~(uint32_t)state != stored_sum(from, row_bytes)) return i;
  }
  return count;
}

CRC_TARGET static size_t open_sse42(
    const uint8_t *slots, size_t count, uint32_t row_bytes, uint32_t salt_crc, uint64_t word,
    uint8_t *rows, int past_caches) {
  if (!past_caches || row_bytes % 64 != 0 || (uintptr_t)rows % 16 != 0)
    return open_three_by_three(slots, count, row_bytes, salt_crc, word, rows, 0);
  size_t good = open_three_by_three(slots, count, row_bytes, salt_crc, word, rows, 1);
  _mm_sfence();
  return good;
}

static inline void prefetch_slot(const uint8_t *slot, uint32_t stride) {
  if (!slot) return;
  // The start of a long row: its rest comes by the processor's own read-ahead.
  uint32_t end = stride < 1024 ? stride : 1024;
  for (uint32_t offset = 0; offset < end; offset += 64) __builtin_prefetch(slot + offset, 0, 2);
  __builtin_prefetch(slot + stride - 1, 0, 2);
}

/// A row's slot, and where its checksum starts.
typedef struct {
  const uint8_t *slot;
  uint64_t start;
} row_place;

CRC_TARGET static inline row_place place_of(const engram_block_view *view, uint64_t row) {
  const uint32_t number = (uint32_t)row, each = view->rows_per_block;
  // Rows of a prompt are below 2^32 nearly always: a division of 32 bits is the faster one.
  const uint64_t block = row >> 32 ? row / each : number / each;
  const uint64_t in_block = row - block * each;
  row_place place = {NULL, 0};
  if (!view->blocks[block]) return place;
  place.slot = view->blocks[block] + view->layer_offset + in_block * ((uint64_t)view->row_bytes + 4);
  place.start = start_of(view->salts[block], view->word + in_block);
  return place;
}

CRC_TARGET static size_t gather_sse42(
    const engram_block_view *view, const int64_t *rows, size_t count, uint8_t *out) {
  const uint32_t row_bytes = view->row_bytes, stride = row_bytes + 4;
  row_place places[WINDOW + DISTANCE];
  for (size_t start = 0; start < count; start += WINDOW) {
    const size_t left = count - start;
    const size_t found = left < WINDOW + DISTANCE ? left : WINDOW + DISTANCE;
    const size_t window = left < WINDOW ? left : WINDOW;
    for (size_t i = 0; i < found; i++) places[i] = place_of(view, (uint64_t)rows[start + i]);
    for (size_t i = 0; start == 0 && i < DISTANCE && i < found; i++)
      prefetch_slot(places[i].slot, stride);
    for (size_t i = 0; i < window; i += 3) {
      const size_t group = window - i < 3 ? window - i : 3;
      const row_place *p = places + i;
      uint8_t *to = out + (start + i) * (size_t)row_bytes;
      for (size_t k = i + DISTANCE; k < i + DISTANCE + group && k < found; k++)
        prefetch_slot(places[k].slot, stride);
      if (__builtin_expect(group == 3 && p[0].slot && p[1].slot && p[2].slot, 1)) {
        uint64_t states[3] = {p[0].start, p[1].start, p[2].start};
        copy_three_rows(
            p[0].slot, p[1].slot, p[2].slot, to, to + row_bytes, to + 2 * (size_t)row_bytes, states,
            row_bytes, 0, 0);
        for (int k = 0; k < 3; k++)
          if (~(uint32_t)states[k] != stored_sum(p[k].slot, row_bytes)) return start + i + k;
        continue;
      }
      for (size_t k = 0; k < group; k++, to += row_bytes) {
        if (!p[k].slot) return start + i + k;
        uint64_t state = tail_sum(p[k].start, p[k].slot, to, 0, row_bytes);
        if (~(uint32_t)state != stored_sum(p[k].slot, row_bytes)) return start + i + k;
      }
    }
  }
  return count;
}
#endif

void engram_block_seal(
    const uint8_t *rows, size_t count, uint32_t row_bytes, uint32_t salt_crc, uint64_t word,
    uint8_t *slots) {
#if ENGRAM_X86
  if (has_crc_instruction()) {
    seal_sse42(rows, count, row_bytes, salt_crc, word, slots);
    return;
  }
#endif
  for (size_t i = 0; i < count; i++, rows += row_bytes, slots += (size_t)row_bytes + 4) {
    uint32_t sum = row_sum(salt_crc, word + i, rows, row_bytes);
    memcpy(slots, rows, row_bytes);
    memcpy(slots + row_bytes, &sum, 4);
  }
}

size_t engram_block_check(
    const uint8_t *slots, size_t count, uint32_t row_bytes, uint32_t salt_crc, uint64_t word) {
  for (size_t i = 0; i < count; i++, slots += (size_t)row_bytes + 4) {
    uint32_t stored;
    memcpy(&stored, slots + row_bytes, 4);
    if (row_sum(salt_crc, word + i, slots, row_bytes) != stored) return i;
  }
  return count;
}

size_t engram_block_open(
    const uint8_t *slots, size_t count, uint32_t row_bytes, uint32_t salt_crc, uint64_t word,
    uint8_t *rows, int past_caches) {
#if ENGRAM_X86
  if (has_crc_instruction())
    return open_sse42(slots, count, row_bytes, salt_crc, word, rows, past_caches);
#endif
  (void)past_caches;
  for (size_t i = 0; i < count; i++, slots += (size_t)row_bytes + 4, rows += row_bytes) {
    if (engram_block_check(slots, 1, row_bytes, salt_crc, word + i) != 1) return i;
    memcpy(rows, slots, row_bytes);
  }
  return count;
}

const uint8_t *engram_block_slot(const engram_block_view *view, int64_t row) {
  const uint64_t block = (uint64_t)row / view->rows_per_block;
  if (!view->blocks[block]) return NULL;
  return view->blocks[block] + view->layer_offset +
         ((uint64_t)row - block * view->rows_per_block) * ((uint64_t)view->row_bytes + 4);
}

size_t engram_block_gather(
    const engram_block_view *view, const int64_t *rows, size_t count, uint8_t *out) {
#if ENGRAM_X86
  if (has_crc_instruction()) return gather_sse42(view, rows, count, out);
#endif
  for (size_t i = 0; i < count; i++, out += view->row_bytes) {
    const uint8_t *slot = engram_block_slot(view, rows[i]);
    const uint64_t block = (uint64_t)rows[i] / view->rows_per_block;
    const uint64_t in_block = (uint64_t)rows[i] % view->rows_per_block;
    if (!slot || engram_block_check(
                     slot, 1, view->row_bytes, view->salts[block], view->word + in_block) != 1)
      return i;
    memcpy(out, slot, view->row_bytes);
  }
  return count;
}

/// How many rows are asked for at once while others are copied.
enum { PIECE = 128 };

typedef struct {
  const engram_block_view *view;
  const int64_t *rows;
  size_t count;
  sem_t asked;
  atomic_bool is_over;
} row_requests;

static void ask_for_piece(const row_requests *requests, size_t start) {
  const uint8_t *slots[PIECE];
  uint64_t scratch[4 * PIECE];
  const size_t left = requests->count - start, count = left < PIECE ? left : PIECE;
  for (size_t i = 0; i < count; i++)
    slots[i] = engram_block_slot(requests->view, requests->rows[start + i]);
  engram_prefetch_slots(slots, count, requests->view->row_bytes + 4, scratch);
}

static void *ask_for_pieces(void *argument) {
  row_requests *requests = argument;
  for (size_t start = 0; start < requests->count && !requests->is_over; start += PIECE) {
    ask_for_piece(requests, start);
    sem_post(&requests->asked);
  }
  return NULL;
}

/// Starts the thread that asks, to which no signal goes; returns whether there is one.
static int start_asking(row_requests *requests, pthread_t *thread) {
  pthread_attr_t attributes;
  sigset_t all, before;
  if (pthread_attr_init(&attributes) != 0) return 0;
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const int code = pthread_create(thread, &attributes, ask_for_pieces, requests);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return code == 0;
}

size_t engram_block_gather_cold(
    const engram_block_view *view, const int64_t *rows, size_t count, uint8_t *out) {
  row_requests requests = {.view = view, .rows = rows, .count = count};
  pthread_t thread;
  sem_init(&requests.asked, 0, 0);
  const int has_thread = count > 2 * PIECE && start_asking(&requests, &thread);
  const size_t ahead = 2 * PIECE;
  size_t asked = 0, done = 0;
  while (done < count) {
    while (asked < count && asked < done + PIECE + ahead) {
      if (has_thread)
        while (sem_wait(&requests.asked) != 0) {}
      else
        ask_for_piece(&requests, asked);
      asked += PIECE;
    }
    const size_t piece = count - done < PIECE ? count - done : PIECE;
    const size_t good =
        engram_block_gather(view, rows + done, piece, out + done * (size_t)view->row_bytes);
    done += good;
    if (good < piece) break;
  }
  if (has_thread) {
    requests.is_over = 1;
    pthread_join(thread, NULL);
  }
  sem_destroy(&requests.asked);
  return done;
}
