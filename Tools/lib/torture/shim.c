// What the torture harness puts between a command and the file system, by LD_PRELOAD (see shim.py).
//
// Calls on paths that begin with TORTURE_PATH (names, or descriptors of files that have such names)
// are counted; the count and what was done lie in the file TORTURE_STATE, which is mapped and so
// outlives the process. TORTURE_MODE says what happens:
//
//   count   nothing else
//   kill    the process ends by SIGKILL before or after (TORTURE_WHEN) call TORTURE_AT
//   fail    call TORTURE_AT fails with TORTURE_ERRNO
//   short   call TORTURE_AT writes half of its bytes
//   full    from call TORTURE_AT on nothing that needs room succeeds (TORTURE_ERRNO)
//   record  nothing else
//
// Where there is a TORTURE_LOG, each change is carried out and appended to it, one at a time, so
// that the log has the order in which the changes took effect.
//
// TORTURE_CALLS names the calls that count, with commas; the names are those of `enum call`.
// Threads of one process may call at once. What is written through a shared writable mapping is not
// seen; the log says which files are mapped so.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum call {
  OPEN, CREATE, READ, WRITE, FSYNC, FDATASYNC, SYNC_FILE_RANGE, SYNCFS, MSYNC, RENAME, LINK, UNLINK,
  MKDIR, RMDIR, SYMLINK, MMAP, FALLOCATE, TRUNCATE, COPY, CLOSE, LIST, CALLS
};

static const char *const call_names[CALLS] = {
  "open", "create", "read", "write", "fsync", "fdatasync", "sync_file_range", "syncfs", "msync",
  "rename", "link", "unlink", "mkdir", "rmdir", "symlink", "mmap", "fallocate", "truncate", "copy",
  "close", "list"
};

enum mode { OFF, COUNT, KILL, FAIL, SHORT, FULL, RECORD };

// Of the log; shim.py has the same names in the same order.
enum change {
  CREATED, TRUNCATED, WRITTEN, ALLOCATED, FLUSHED, FLUSHED_FOLDER, FLUSHED_ALL, RENAMED, EXCHANGED,
  LINKED, UNLINKED, MADE_FOLDER, REMOVED_FOLDER, LINKED_SYMBOLICALLY, MAPPED, PRINTED, FLUSH_FAILED
};

// What TORTURE_STATE holds.
struct state {
  uint64_t count;    // calls so far
  uint64_t hit;      // calls that were failed
  uint64_t hit_at;   // the first one that was failed: its number
  uint64_t counts[CALLS];  // calls so far, by kind
  char name[32];     // ... its name
  char path[PATH_MAX];  // ... and its path
};

struct record {
  uint32_t magic, change;
  uint64_t inode;
  int64_t offset, length;
  uint32_t path_bytes, other_bytes;
  uint64_t data_bytes;
};

static enum mode mode;
static char *prefix;
static size_t prefix_bytes;
static uint64_t at;
static int is_after, failure, log_descriptor = -1;
static uint32_t counted;
static struct state *state;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// The function that this file stands in front of.
#define REAL(name) \
  static __typeof__(&name) real_##name; \
  if (!real_##name) real_##name = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static void die(const char *what) {
  dprintf(2, "torture shim: %s: %s\n", what, strerror(errno));
  _exit(99);
}

static int raw_open(const char *path, int flags) {
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0666);
}

static void start(void) {
  static const char *const modes[] = {"off", "count", "kill", "fail", "short", "full", "record"};
  const char *name = getenv("TORTURE_MODE"), *path = getenv("TORTURE_PATH");
  if (!name || !path) return;
  enum mode wanted = OFF;
  for (int each = 0; each <= RECORD; each++) if (!strcmp(name, modes[each])) wanted = each;
  prefix = strdup(path);
  prefix_bytes = strlen(prefix);
  const char *text = getenv("TORTURE_AT");
  at = text ? strtoull(text, NULL, 10) : 0;
  text = getenv("TORTURE_WHEN");
  is_after = text && !strcmp(text, "after");
  text = getenv("TORTURE_ERRNO");
  failure = text ? atoi(text) : EIO;
  text = getenv("TORTURE_CALLS");
  for (int each = 0; each < CALLS; each++) {
    const char *found = text;
    size_t bytes = strlen(call_names[each]);
    while (found && (found = strstr(found, call_names[each]))) {
      if ((found == text || found[-1] == ',') && (!found[bytes] || found[bytes] == ',')) {
        counted |= 1u << each;
        break;
      }
      found++;
    }
  }
  const char *state_path = getenv("TORTURE_STATE");
  int descriptor = state_path ? raw_open(state_path, O_RDWR | O_CREAT) : -1;
  if (descriptor < 0 || syscall(SYS_ftruncate, descriptor, sizeof(struct state))) {
    die("TORTURE_STATE");
  }
  state = (struct state *)syscall(
    SYS_mmap, NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (state == MAP_FAILED) die("TORTURE_STATE");
  syscall(SYS_close, descriptor);
  const char *log_path = getenv("TORTURE_LOG");
  if (log_path) {
    log_descriptor = raw_open(log_path, O_WRONLY | O_CREAT | O_APPEND);
    if (log_descriptor < 0) die("TORTURE_LOG");
  }
  mode = wanted;
}

// Whether anything is to be done at all.
static int is_on(void) {
  pthread_once(&once, start);
  return mode != OFF;
}

static int is_recording(void) { return log_descriptor >= 0; }

// The whole path of a name relative to a folder that is open.
static void resolve(int folder, const char *name, char *path) {
  if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
    return;
  }
  char above[PATH_MAX];
  if (folder == AT_FDCWD) {
    if (!getcwd(above, sizeof above)) above[0] = 0;
  } else {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t bytes = readlink(link, above, sizeof above - 1);
    above[bytes < 0 ? 0 : bytes] = 0;
  }
  if (snprintf(path, PATH_MAX, "%s/%s", above, name) >= PATH_MAX) path[PATH_MAX - 1] = 0;
}

// The path of what a descriptor is open on, as it is named now; "" where it has none.
static void resolve_descriptor(int descriptor, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t bytes = readlink(link, path, PATH_MAX - 1);
  path[bytes < 0 ? 0 : bytes] = 0;
}

static int matches(const char *path) { return strncmp(path, prefix, prefix_bytes) == 0; }

static int needs_room(enum call call) {
  return call == WRITE || call == FALLOCATE || call == MKDIR || call == COPY || call == LINK
    || call == SYMLINK;
}

enum verdict { PASS, REFUSE, HALF };

struct visit {
  int is_counted, is_locked, saved;
  uint64_t number;
};

// Before a call on a path that matches. After REFUSE errno is set and the call must not be made.
static enum verdict enter(struct visit *visit, enum call call, const char *path) {
  visit->saved = errno;
  visit->is_counted = (counted >> call) & 1;
  visit->is_locked = 0;
  enum verdict verdict = PASS;
  if (visit->is_counted) {
    visit->number = __atomic_add_fetch(&state->count, 1, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&state->counts[call], 1, __ATOMIC_SEQ_CST);
    if (mode == KILL && !is_after && visit->number == at) {
      syscall(SYS_kill, getpid(), SIGKILL);
    }
    int is_hit = visit->number == at;
    if (mode == FAIL && is_hit) verdict = REFUSE;
    if (mode == SHORT && is_hit) verdict = HALF;
    if (mode == FULL && visit->number >= at && needs_room(call)) verdict = REFUSE;
    if (verdict != PASS) {
      if (__atomic_add_fetch(&state->hit, 1, __ATOMIC_SEQ_CST) == 1) {
        state->hit_at = visit->number;
        snprintf(state->name, sizeof state->name, "%s", call_names[call]);
        snprintf(state->path, sizeof state->path, "%s", path);
      }
    }
  }
  if (is_recording()) {
    pthread_mutex_lock(&lock);
    visit->is_locked = 1;
  }
  errno = verdict == REFUSE ? failure : visit->saved;
  return verdict;
}

// After it.
static void leave(struct visit *visit) {
  int saved = errno;
  if (visit->is_locked) pthread_mutex_unlock(&lock);
  if (visit->is_counted && mode == KILL && is_after && visit->number == at) {
    syscall(SYS_kill, getpid(), SIGKILL);
  }
  errno = saved;
}

static void log_bytes(const void *bytes, size_t count) {
  const char *place = bytes;
  while (count) {
    ssize_t written = syscall(SYS_write, log_descriptor, place, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) die("TORTURE_LOG");
    place += written;
    count -= (size_t)written;
  }
}

// Appends a change to the log. Called between `enter` and `leave` only.
static void note(
  enum change change, uint64_t inode, int64_t offset, int64_t length, const char *path,
  const char *other, const void *data, size_t data_bytes
) {
  if (!is_recording()) return;
  int saved = errno;
  struct record record = {
    0x54524f54, change, inode, offset, length, path ? strlen(path) : 0, other ? strlen(other) : 0,
    data_bytes};
  log_bytes(&record, sizeof record);
  log_bytes(path, record.path_bytes);
  log_bytes(other, record.other_bytes);
  log_bytes(data, data_bytes);
  errno = saved;
}

static uint64_t inode_of(int descriptor, int *is_folder) {
  struct stat status;
  int saved = errno;
  if (fstat(descriptor, &status)) memset(&status, 0, sizeof status);
  errno = saved;
  if (is_folder) *is_folder = S_ISDIR(status.st_mode);
  return status.st_ino;
}

static uint64_t inode_at(const char *path) {
  struct stat status;
  int saved = errno;
  if (lstat(path, &status)) memset(&status, 0, sizeof status);
  errno = saved;
  return status.st_ino;
}

// Of a call on a descriptor: whether it matters, and its path.
static int is_ours(int descriptor, char *path) {
  if (!is_on()) return 0;
  int saved = errno;
  resolve_descriptor(descriptor, path);
  errno = saved;
  return matches(path);
}

// Opening

static int open_any(int folder, const char *name, int flags, mode_t permissions) {
  REAL(openat);
  char path[PATH_MAX];
  if (!is_on()) return real_openat(folder, name, flags, permissions);
  resolve(folder, name, path);
  if (!matches(path)) return real_openat(folder, name, flags, permissions);
  int writes = (flags & O_ACCMODE) != O_RDONLY || flags & (O_CREAT | O_TRUNC);
  struct visit visit;
  if (enter(&visit, writes ? CREATE : OPEN, path) == REFUSE) {
    leave(&visit);
    return -1;
  }
  uint64_t before = is_recording() ? inode_at(path) : 0;
  int descriptor = real_openat(folder, name, flags, permissions);
  if (descriptor >= 0 && is_recording() && writes) {
    uint64_t inode = inode_of(descriptor, NULL);
    if (!before) note(CREATED, inode, 0, 0, path, NULL, NULL, 0);
    else if (flags & O_TRUNC) note(TRUNCATED, inode, 0, 0, path, NULL, NULL, 0);
  }
  leave(&visit);
  return descriptor;
}

#define MODE_OF_OPEN(flags) \
  mode_t permissions = 0; \
  if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) { \
    va_list rest; \
    va_start(rest, flags); \
    permissions = va_arg(rest, mode_t); \
    va_end(rest); \
  }

int open(const char *name, int flags, ...) {
  MODE_OF_OPEN(flags)
  return open_any(AT_FDCWD, name, flags, permissions);
}

int open64(const char *name, int flags, ...) {
  MODE_OF_OPEN(flags)
  return open_any(AT_FDCWD, name, flags | O_LARGEFILE, permissions);
}

int openat(int folder, const char *name, int flags, ...) {
  MODE_OF_OPEN(flags)
  return open_any(folder, name, flags, permissions);
}

int openat64(int folder, const char *name, int flags, ...) {
  MODE_OF_OPEN(flags)
  return open_any(folder, name, flags | O_LARGEFILE, permissions);
}

int __open_2(const char *name, int flags) { return open_any(AT_FDCWD, name, flags, 0); }
int __open64_2(const char *name, int flags) { return open_any(AT_FDCWD, name, flags, 0); }
int __openat_2(int folder, const char *name, int flags) { return open_any(folder, name, flags, 0); }

int creat(const char *name, mode_t permissions) {
  return open_any(AT_FDCWD, name, O_WRONLY | O_CREAT | O_TRUNC, permissions);
}

int creat64(const char *name, mode_t permissions) { return creat(name, permissions); }

int close(int descriptor) {
  REAL(close);
  char path[PATH_MAX];
  if (!is_ours(descriptor, path)) return real_close(descriptor);
  struct visit visit;
  enum verdict verdict = enter(&visit, CLOSE, path);
  int wanted = errno;
  int result = real_close(descriptor);
  if (verdict == REFUSE) {
    // As the kernel does: the descriptor is gone all the same.
    errno = wanted;
    result = -1;
  }
  leave(&visit);
  return result;
}

DIR *opendir(const char *name) {
  REAL(opendir);
  char path[PATH_MAX];
  if (!is_on()) return real_opendir(name);
  resolve(AT_FDCWD, name, path);
  if (!matches(path)) return real_opendir(name);
  struct visit visit;
  DIR *result = enter(&visit, LIST, path) == REFUSE ? NULL : real_opendir(name);
  leave(&visit);
  return result;
}

// Standard input and output: what is written goes through `write` here. glibc would write past it.

static ssize_t stream_read(void *cookie, char *bytes, size_t count) {
  return read((int)(intptr_t)cookie, bytes, count);
}

static ssize_t stream_write(void *cookie, const char *bytes, size_t count) {
  ssize_t written = write((int)(intptr_t)cookie, bytes, count);
  return written < 0 ? 0 : written;
}

static int stream_seek(void *cookie, off64_t *place, int from) {
  off_t result = lseek((int)(intptr_t)cookie, *place, from);
  if (result < 0) return -1;
  *place = result;
  return 0;
}

static int stream_close(void *cookie) { return close((int)(intptr_t)cookie); }

FILE *fopen(const char *name, const char *how) {
  REAL(fopen);
  char path[PATH_MAX];
  if (!is_on()) return real_fopen(name, how);
  resolve(AT_FDCWD, name, path);
  if (!matches(path)) return real_fopen(name, how);
  int has_plus = strchr(how, '+') != NULL;
  int flags = how[0] == 'r' ? (has_plus ? O_RDWR : O_RDONLY)
    : (has_plus ? O_RDWR : O_WRONLY) | O_CREAT | (how[0] == 'w' ? O_TRUNC : O_APPEND);
  int descriptor = open_any(AT_FDCWD, name, flags | O_CLOEXEC, 0666);
  if (descriptor < 0) return NULL;
  if (flags == O_RDONLY) return fdopen(descriptor, "r");
  cookie_io_functions_t functions = {stream_read, stream_write, stream_seek, stream_close};
  return fopencookie((void *)(intptr_t)descriptor, how, functions);
}

FILE *fopen64(const char *name, const char *how) { return fopen(name, how); }

// Reading

#define READING(name, parameters, ...) \
  ssize_t name parameters { \
    REAL(name); \
    char path[PATH_MAX]; \
    if (!is_on() || !((counted >> READ) & 1) || !is_ours(descriptor, path)) { \
      return real_##name(__VA_ARGS__); \
    } \
    struct visit visit; \
    ssize_t result = enter(&visit, READ, path) == REFUSE ? -1 : real_##name(__VA_ARGS__); \
    leave(&visit); \
    return result; \
  }

READING(read, (int descriptor, void *bytes, size_t count), descriptor, bytes, count)
READING(pread, (int descriptor, void *bytes, size_t count, off_t offset),
  descriptor, bytes, count, offset)
READING(pread64, (int descriptor, void *bytes, size_t count, off64_t offset),
  descriptor, bytes, count, offset)
READING(readv, (int descriptor, const struct iovec *parts, int count), descriptor, parts, count)
READING(preadv, (int descriptor, const struct iovec *parts, int count, off_t offset),
  descriptor, parts, count, offset)

// Writing

// What is printed, which acknowledges.
static void note_printed(int descriptor, const void *bytes, ssize_t count) {
  if (descriptor != 1 || !is_recording() || count <= 0) return;
  pthread_mutex_lock(&lock);
  note(PRINTED, 0, 0, count, NULL, NULL, bytes, (size_t)count);
  pthread_mutex_unlock(&lock);
}

static void note_written(int descriptor, int64_t offset, const void *bytes, ssize_t count) {
  if (!is_recording() || count <= 0) return;
  int saved = errno;
  // Behind the written bytes, whether they were appended or not.
  if (offset < 0) offset = lseek(descriptor, 0, SEEK_CUR) - count;
  note(WRITTEN, inode_of(descriptor, NULL), offset, count, NULL, NULL, bytes, (size_t)count);
  errno = saved;
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  REAL(write);
  char path[PATH_MAX];
  if (!is_ours(descriptor, path)) {
    ssize_t result = real_write(descriptor, bytes, count);
    if (is_recording()) note_printed(descriptor, bytes, result);
    return result;
  }
  struct visit visit;
  enum verdict verdict = enter(&visit, WRITE, path);
  ssize_t result = -1;
  if (verdict != REFUSE) {
    result = real_write(descriptor, bytes, verdict == HALF && count > 1 ? count / 2 : count);
    note_written(descriptor, -1, bytes, result);
  }
  leave(&visit);
  return result;
}

static ssize_t pwrite_any(int descriptor, const void *bytes, size_t count, off_t offset) {
  REAL(pwrite);
  char path[PATH_MAX];
  if (!is_ours(descriptor, path)) return real_pwrite(descriptor, bytes, count, offset);
  struct visit visit;
  enum verdict verdict = enter(&visit, WRITE, path);
  ssize_t result = -1;
  if (verdict != REFUSE) {
    result = real_pwrite(
      descriptor, bytes, verdict == HALF && count > 1 ? count / 2 : count, offset);
    note_written(descriptor, offset, bytes, result);
  }
  leave(&visit);
  return result;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite_any(descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  return pwrite_any(descriptor, bytes, count, offset);
}

// Several pieces as one.
static ssize_t write_parts(
  int descriptor, const struct iovec *parts, int count, off_t offset, int has_offset
) {
  size_t bytes = 0;
  for (int each = 0; each < count; each++) bytes += parts[each].iov_len;
  char *whole = malloc(bytes ? bytes : 1), *place = whole;
  if (!whole) {
    errno = ENOMEM;
    return -1;
  }
  for (int each = 0; each < count; each++) {
    memcpy(place, parts[each].iov_base, parts[each].iov_len);
    place += parts[each].iov_len;
  }
  ssize_t result = has_offset ? pwrite_any(descriptor, whole, bytes, offset)
    : write(descriptor, whole, bytes);
  int saved = errno;
  free(whole);
  errno = saved;
  return result;
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  REAL(writev);
  char path[PATH_MAX];
  if (!is_ours(descriptor, path)) return real_writev(descriptor, parts, count);
  return write_parts(descriptor, parts, count, 0, 0);
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
  REAL(pwritev);
  char path[PATH_MAX];
  if (!is_ours(descriptor, path)) return real_pwritev(descriptor, parts, count, offset);
  return write_parts(descriptor, parts, count, offset, 1);
}

// What one descriptor's file got from another's, read back from it.
static void note_copied(int descriptor, int64_t offset, ssize_t count) {
  if (!is_recording() || count <= 0) return;
  int saved = errno;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  char *bytes = malloc((size_t)count);
  int again = raw_open(link, O_RDONLY);
  if (!bytes || again < 0
      || syscall(SYS_pread64, again, bytes, (size_t)count, offset) != count) {
    die("reading back what was copied");
  }
  syscall(SYS_close, again);
  note(WRITTEN, inode_of(descriptor, NULL), offset, count, NULL, NULL, bytes, (size_t)count);
  free(bytes);
  errno = saved;
}

ssize_t copy_file_range(
  int from, off64_t *from_place, int to, off64_t *to_place, size_t count, unsigned flags
) {
  REAL(copy_file_range);
  char path[PATH_MAX];
  if (!is_ours(to, path)) {
    return real_copy_file_range(from, from_place, to, to_place, count, flags);
  }
  struct visit visit;
  enum verdict verdict = enter(&visit, COPY, path);
  ssize_t result = -1;
  if (verdict != REFUSE) {
    int64_t offset = to_place ? *to_place : lseek(to, 0, SEEK_CUR);
    result = real_copy_file_range(
      from, from_place, to, to_place, verdict == HALF && count > 1 ? count / 2 : count, flags);
    note_copied(to, offset, result);
  }
  leave(&visit);
  return result;
}

ssize_t sendfile(int to, int from, off_t *place, size_t count) {
  REAL(sendfile);
  char path[PATH_MAX];
  if (!is_ours(to, path)) return real_sendfile(to, from, place, count);
  struct visit visit;
  enum verdict verdict = enter(&visit, COPY, path);
  ssize_t result = -1;
  if (verdict != REFUSE) {
    int64_t offset = lseek(to, 0, SEEK_CUR);
    result = real_sendfile(to, from, place, verdict == HALF && count > 1 ? count / 2 : count);
    note_copied(to, offset, result);
  }
  leave(&visit);
  return result;
}

ssize_t sendfile64(int to, int from, off64_t *place, size_t count) {
  return sendfile(to, from, place, count);
}

// Sizes

static int truncate_any(int descriptor, const char *name, off_t size) {
  REAL(ftruncate);
  REAL(truncate);
  char path[PATH_MAX];
  int is_ours_here = 0;
  if (is_on()) {
    if (name) resolve(AT_FDCWD, name, path);
    else resolve_descriptor(descriptor, path);
    is_ours_here = matches(path);
  }
  if (!is_ours_here) return name ? real_truncate(name, size) : real_ftruncate(descriptor, size);
  struct visit visit;
  int result = -1;
  if (enter(&visit, TRUNCATE, path) != REFUSE) {
    result = name ? real_truncate(name, size) : real_ftruncate(descriptor, size);
    if (result == 0) {
      note(TRUNCATED, name ? inode_at(path) : inode_of(descriptor, NULL), size, 0, path, NULL, NULL,
           0);
    }
  }
  leave(&visit);
  return result;
}

int ftruncate(int descriptor, off_t size) { return truncate_any(descriptor, NULL, size); }
int ftruncate64(int descriptor, off64_t size) { return truncate_any(descriptor, NULL, size); }
int truncate(const char *name, off_t size) { return truncate_any(-1, name, size); }
int truncate64(const char *name, off64_t size) { return truncate_any(-1, name, size); }

int fallocate(int descriptor, int how, off_t offset, off_t length) {
  REAL(fallocate);
  char path[PATH_MAX];
  if (!is_ours(descriptor, path)) return real_fallocate(descriptor, how, offset, length);
  struct visit visit;
  int result = -1;
  if (enter(&visit, FALLOCATE, path) != REFUSE) {
    result = real_fallocate(descriptor, how, offset, length);
    if (result == 0 && !(how & FALLOC_FL_KEEP_SIZE)) {
      note(ALLOCATED, inode_of(descriptor, NULL), offset, length, NULL, NULL, NULL, 0);
    }
  }
  leave(&visit);
  return result;
}

int fallocate64(int descriptor, int how, off64_t offset, off64_t length) {
  return fallocate(descriptor, how, offset, length);
}

int posix_fallocate(int descriptor, off_t offset, off_t length) {
  REAL(posix_fallocate);
  char path[PATH_MAX];
  if (!is_ours(descriptor, path)) return real_posix_fallocate(descriptor, offset, length);
  struct visit visit;
  int result = failure;
  if (enter(&visit, FALLOCATE, path) != REFUSE) {
    result = real_posix_fallocate(descriptor, offset, length);
    if (result == 0) {
      note(ALLOCATED, inode_of(descriptor, NULL), offset, length, NULL, NULL, NULL, 0);
    }
  }
  leave(&visit);
  return result;
}

int posix_fallocate64(int descriptor, off64_t offset, off64_t length) {
  return posix_fallocate(descriptor, offset, length);
}

// Flushing

#define FLUSHING(name, call) \
  int name(int descriptor) { \
    REAL(name); \
    char path[PATH_MAX]; \
    if (!is_ours(descriptor, path)) return real_##name(descriptor); \
    struct visit visit; \
    int result = -1, is_folder; \
    if (enter(&visit, call, path) == REFUSE) { \
      uint64_t inode = inode_of(descriptor, NULL); \
      note(FLUSH_FAILED, inode, 0, 0, path, NULL, NULL, 0); \
    } else { \
      /* No power is cut in earnest: what is recorded is laid out later, what is killed keeps */ \
      /* its pages. Flushing the disk would only take time. */ \
      result = 0; \
      uint64_t inode = inode_of(descriptor, &is_folder); \
      enum change change = (call) == SYNCFS ? FLUSHED_ALL : is_folder ? FLUSHED_FOLDER : FLUSHED; \
      if (result == 0) note(change, inode, 0, 0, path, NULL, NULL, 0); \
    } \
    leave(&visit); \
    return result; \
  }

FLUSHING(fsync, FSYNC)
FLUSHING(fdatasync, FDATASYNC)
FLUSHING(syncfs, SYNCFS)

int sync_file_range(int descriptor, off64_t offset, off64_t count, unsigned how) {
  REAL(sync_file_range);
  char path[PATH_MAX];
  // Without flags it only asks whether the file system knows the call, and cannot fail otherwise.
  if (!how || !is_ours(descriptor, path)) {
    return real_sync_file_range(descriptor, offset, count, how);
  }
  struct visit visit;
  int result = -1;
  // Promises nothing of what outlives a power cut: nothing to log.
  if (enter(&visit, SYNC_FILE_RANGE, path) != REFUSE) {
    result = real_sync_file_range(descriptor, offset, count, how);
  }
  leave(&visit);
  return result;
}

// Names

#define NAMING(call, change, act, first_folder, first, has_second, second_folder, second) \
  do { \
    char path[PATH_MAX], other[PATH_MAX]; \
    other[0] = 0; \
    if (!is_on()) return act; \
    resolve(first_folder, first, path); \
    if (has_second) resolve(second_folder, second, other); \
    if (!matches(path) && !matches(other)) return act; \
    struct visit visit; \
    int result = -1; \
    if (enter(&visit, call, matches(path) ? path : other) != REFUSE) { \
      result = act; \
      uint64_t inode = result == 0 ? inode_at(has_second ? other : path) : 0; \
      if (result == 0) note(change, inode, 0, 0, path, other, NULL, 0); \
    } \
    leave(&visit); \
    return result; \
  } while (0)

int rename(const char *from, const char *to) {
  REAL(rename);
  NAMING(RENAME, RENAMED, real_rename(from, to), AT_FDCWD, from, 1, AT_FDCWD, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
  REAL(renameat);
  NAMING(RENAME, RENAMED, real_renameat(from_folder, from, to_folder, to), from_folder, from,
         1, to_folder, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned how) {
  REAL(renameat2);
  NAMING(RENAME, how & RENAME_EXCHANGE ? EXCHANGED : RENAMED,
         real_renameat2(from_folder, from, to_folder, to, how), from_folder, from,
         1, to_folder, to);
}

int link(const char *from, const char *to) {
  REAL(link);
  NAMING(LINK, LINKED, real_link(from, to), AT_FDCWD, from, 1, AT_FDCWD, to);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
  REAL(linkat);
  NAMING(LINK, LINKED, real_linkat(from_folder, from, to_folder, to, flags), from_folder, from,
         1, to_folder, to);
}

int symlink(const char *target, const char *name) {
  REAL(symlink);
  NAMING(SYMLINK, LINKED_SYMBOLICALLY, real_symlink(target, name), AT_FDCWD, name, 0, AT_FDCWD, "");
}

int symlinkat(const char *target, int folder, const char *name) {
  REAL(symlinkat);
  NAMING(SYMLINK, LINKED_SYMBOLICALLY, real_symlinkat(target, folder, name), folder, name,
         0, AT_FDCWD, "");
}

int unlink(const char *name) {
  REAL(unlink);
  NAMING(UNLINK, UNLINKED, real_unlink(name), AT_FDCWD, name, 0, AT_FDCWD, "");
}

int unlinkat(int folder, const char *name, int flags) {
  REAL(unlinkat);
  if (flags & AT_REMOVEDIR) {
    NAMING(RMDIR, REMOVED_FOLDER, real_unlinkat(folder, name, flags), folder, name,
           0, AT_FDCWD, "");
  }
  NAMING(UNLINK, UNLINKED, real_unlinkat(folder, name, flags), folder, name,
         0, AT_FDCWD, "");
}

int rmdir(const char *name) {
  REAL(rmdir);
  NAMING(RMDIR, REMOVED_FOLDER, real_rmdir(name), AT_FDCWD, name, 0, AT_FDCWD, "");
}

int remove(const char *name) {
  if (unlink(name) == 0) return 0;
  return errno == EISDIR ? rmdir(name) : -1;
}

int mkdir(const char *name, mode_t permissions) {
  REAL(mkdir);
  NAMING(MKDIR, MADE_FOLDER, real_mkdir(name, permissions), AT_FDCWD, name, 0, AT_FDCWD, "");
}

int mkdirat(int folder, const char *name, mode_t permissions) {
  REAL(mkdirat);
  NAMING(MKDIR, MADE_FOLDER, real_mkdirat(folder, name, permissions), folder, name,
         0, AT_FDCWD, "");
}

char *mkdtemp(char *name) {
  // glibc makes the folder past this file's mkdir.
  REAL(mkdtemp);
  char path[PATH_MAX];
  char *result = real_mkdtemp(name);
  if (!result || !is_on()) return result;
  resolve(AT_FDCWD, result, path);
  if (is_recording() && matches(path)) {
    pthread_mutex_lock(&lock);
    note(MADE_FOLDER, inode_at(path), 0, 0, path, NULL, NULL, 0);
    pthread_mutex_unlock(&lock);
  }
  return result;
}

// Mappings

static void *map_any(
  void *place, size_t bytes, int access, int flags, int descriptor, off_t offset
) {
  char path[PATH_MAX];
  // malloc maps too, perhaps before anything here can run.
  if (descriptor < 0 || flags & MAP_ANONYMOUS || !is_ours(descriptor, path)) {
    return (void *)syscall(SYS_mmap, place, bytes, access, flags, descriptor, offset);
  }
  struct visit visit;
  void *result = MAP_FAILED;
  if (enter(&visit, MMAP, path) != REFUSE) {
    result = (void *)syscall(SYS_mmap, place, bytes, access, flags, descriptor, offset);
    if (result != MAP_FAILED && flags & MAP_SHARED && access & PROT_WRITE) {
      note(MAPPED, inode_of(descriptor, NULL), offset, (int64_t)bytes, path, NULL, NULL, 0);
    }
  }
  leave(&visit);
  return result;
}

void *mmap(void *place, size_t bytes, int access, int flags, int descriptor, off_t offset) {
  return map_any(place, bytes, access, flags, descriptor, offset);
}

void *mmap64(void *place, size_t bytes, int access, int flags, int descriptor, off64_t offset) {
  return map_any(place, bytes, access, flags, descriptor, offset);
}

int msync(void *place, size_t bytes, int flags) {
  REAL(msync);
  // No path is known of a mapping; it counts where msync is asked for by name.
  if (!is_on() || !((counted >> MSYNC) & 1)) return real_msync(place, bytes, flags);
  struct visit visit;
  int result = enter(&visit, MSYNC, "a mapping") == REFUSE ? -1 : real_msync(place, bytes, flags);
  leave(&visit);
  return result;
}
