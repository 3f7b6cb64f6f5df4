#include "engram.h"
#include "engram_process.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

// Other languages lay these out by hand.
_Static_assert(sizeof(engram_history) == 40, "the layout of a history is part of the interface");
_Static_assert(sizeof(engram_table_info) == 136, "so is that of a table's numbers");
_Static_assert(sizeof(engram_dataset_info) == 120, "and of a dataset's");
_Static_assert(sizeof(engram_fusion_info) == 32, "and of a fusion's");
_Static_assert(sizeof(engram_text) == 16, "and of a text");
_Static_assert(sizeof(engram_context_blocks) == 32, "of the blocks that are meant");
_Static_assert(sizeof(engram_context_part) == 24, "of a group's bytes");
_Static_assert(sizeof(engram_context_put_result) == 24, "of what became of a put");
_Static_assert(sizeof(engram_context_presence) == 24, "of how a group is there");
_Static_assert(sizeof(engram_context_read) == 72, "and of a read");

static pthread_mutex_t handles = PTHREAD_MUTEX_INITIALIZER;
static _Atomic uint32_t generation;

static _Thread_local char last_error[1024];

static void before_fork(void) { pthread_mutex_lock(&handles); }

static void after_fork_in_parent(void) { pthread_mutex_unlock(&handles); }

static void after_fork_in_child(void) {
  // The child's only thread is the one that took the lock in `before_fork`.
  pthread_mutex_unlock(&handles);
  atomic_fetch_add(&generation, 1);
}

__attribute__((constructor)) static void watch_forks(void) {
  pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

uint32_t engram_process_generation(void) { return atomic_load(&generation); }

void engram_process_lock(void) { pthread_mutex_lock(&handles); }

void engram_process_unlock(void) { pthread_mutex_unlock(&handles); }

void engram_process_set_error(const char *message, size_t count) {
  if (count > sizeof last_error - 1) {
    count = sizeof last_error - 1;
    // Not in the middle of a character.
    while (count > 0 && ((unsigned char)message[count] & 0xC0) == 0x80) count--;
  }
  memcpy(last_error, message, count);
  last_error[count] = 0;
}

const char *engram_last_error(void) { return last_error; }

const char *engram_status_name(engram_status status) {
  switch (status) {
    case ENGRAM_OK: return "ENGRAM_OK";
    case ENGRAM_INVALID: return "ENGRAM_INVALID";
    case ENGRAM_NOT_FOUND: return "ENGRAM_NOT_FOUND";
    case ENGRAM_OUT_OF_RANGE: return "ENGRAM_OUT_OF_RANGE";
    case ENGRAM_TOO_SMALL: return "ENGRAM_TOO_SMALL";
    case ENGRAM_CORRUPT: return "ENGRAM_CORRUPT";
    case ENGRAM_IO: return "ENGRAM_IO";
    case ENGRAM_NEWER_FORMAT: return "ENGRAM_NEWER_FORMAT";
    case ENGRAM_UNSUPPORTED: return "ENGRAM_UNSUPPORTED";
    case ENGRAM_CLOSED: return "ENGRAM_CLOSED";
    case ENGRAM_FORKED: return "ENGRAM_FORKED";
    case ENGRAM_FAILED: return "ENGRAM_FAILED";
    default: return "unknown";
  }
}
