/// What the library keeps for a process and its threads. Not part of the library's interface.
#ifndef ENGRAM_PROCESS_H
#define ENGRAM_PROCESS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// How many forks lie between the process that loaded the library and this one.
uint32_t engram_process_generation(void);
/// Takes the lock of the handles. A fork waits for it, so that no child finds it taken.
void engram_process_lock(void);
/// Gives it back.
void engram_process_unlock(void);
/// Makes `count` bytes of UTF-8 what `engram_last_error` says on this thread; cut at 1,023 bytes.
void engram_process_set_error(const char *message, size_t count);

#pragma clang assume_nonnull end

#endif
