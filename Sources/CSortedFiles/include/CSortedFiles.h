/// RocksDB's sorted table files, one at a time: what its C API leaves out. Files are written
/// without being thrown out of the page cache, so that they can be read back and summed at once,
/// and walked with the places of their values.
#ifndef ENGRAM_SORTED_FILES_H
#define ENGRAM_SORTED_FILES_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Where a call fails it returns NULL or 0 and sets `*failure` to a text that the caller frees.
typedef struct engram_sorted_file_writer engram_sorted_file_writer;

/// Creates a file of one of RocksDB's table formats: no compression, xxh3 block checksums, a block an
/// entry.
engram_sorted_file_writer *engram_sorted_file_create(
    const char *path, int format_version, char **failure);

/// Adds an entry whose key is greater than those before it.
int engram_sorted_file_put(
    engram_sorted_file_writer *writer, const uint8_t *key, size_t key_count,
    const uint8_t *value, size_t value_count, char **failure);

/// Completes the file and flushes it to the disk.
int engram_sorted_file_finish(engram_sorted_file_writer *writer, char **failure);

void engram_sorted_file_free(engram_sorted_file_writer *writer);

/// A walk over all entries of a file, in key order.
typedef struct engram_sorted_file_walk engram_sorted_file_walk;

/// Opens a file with mapped reads: values that are not compressed lie in its mapping. Without
/// `checks` block checksums are not looked at; RocksDB may end the process at a damaged block then.
engram_sorted_file_walk *engram_sorted_file_open(const char *path, int checks, char **failure);

/// The next entry, whose bytes stay in place until the next call; 0 at the end or on a failure.
int engram_sorted_file_next(
    engram_sorted_file_walk *walk, const uint8_t **key, size_t *key_count,
    const uint8_t **value, size_t *value_count, char **failure);

void engram_sorted_file_close(engram_sorted_file_walk *walk);

/// Reads all files of a database and checks their blocks against their checksums, those that
/// RocksDB would do without included. 0 where one does not match.
int engram_database_verify(const char *path, char **failure);

#ifdef __cplusplus
}
#endif
#endif
