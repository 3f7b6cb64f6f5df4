// What a program in C does with the library, checked at every step: Tools/library-check builds it as C
// and as C++ and runs it.
//
//     check STORE TABLE DATASET TOKENS ROWS      TOKENS, ROWS: files of int32 and of int64
//
// Exit code 0, or one line on standard error that says what did not hold.
#include <engram.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REQUIRE(condition)                                                                     \
  do {                                                                                         \
    if (!(condition)) {                                                                        \
      fprintf(stderr, "check.c:%d: %s; the library said: %s\n", __LINE__, #condition,          \
              engram_last_error());                                                            \
      exit(1);                                                                                 \
    }                                                                                          \
  } while (0)

#define THREADS 8

static engram_table table;
static engram_table_info info;
static int64_t *rows;
static size_t row_count;
static uint8_t *expected;

static void *read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  REQUIRE(file != NULL);
  fseek(file, 0, SEEK_END);
  *bytes = (size_t)ftell(file);
  rewind(file);
  void *data = malloc(*bytes + 1);
  REQUIRE(fread(data, 1, *bytes, file) == *bytes);
  fclose(file);
  return data;
}

static void *gather_again(void *unused) {
  (void)unused;
  size_t bytes = row_count * (size_t)info.row_bytes;
  uint8_t *out = (uint8_t *)malloc(bytes);
  for (int turn = 0; turn < 20; turn++) {
    REQUIRE(engram_table_gather(table, rows, row_count, ENGRAM_RAW, 0, out, bytes) == ENGRAM_OK);
    REQUIRE(memcmp(out, expected, bytes) == 0);
    // The message of one thread is not another's.
    int64_t outside = info.rows + turn;
    char said[64];
    snprintf(said, sizeof said, "row %lld ", (long long)outside);
    REQUIRE(engram_table_gather(table, &outside, 1, ENGRAM_RAW, 0, out, bytes) ==
            ENGRAM_OUT_OF_RANGE);
    REQUIRE(strstr(engram_last_error(), said) != NULL);
  }
  free(out);
  return NULL;
}

static void in_the_child(const char *store_path, const char *name) {
  uint8_t out[65536];
  REQUIRE(engram_table_gather(table, rows, 1, ENGRAM_RAW, 0, out, sizeof out) == ENGRAM_FORKED);
  REQUIRE(engram_table_close(table) == ENGRAM_FORKED);
  engram_store store;
  REQUIRE(engram_store_open(store_path, &store) == ENGRAM_OK);
  REQUIRE(engram_table_open(store, name, &table) == ENGRAM_OK);
  gather_again(NULL);
  _exit(0);
}

int main(int count, char **arguments) {
  if (count != 6) return 64;
  REQUIRE(engram_abi_version() == ENGRAM_ABI_VERSION);
  engram_store store;
  REQUIRE(engram_store_open("/nowhere", &store) == ENGRAM_NOT_FOUND);
  REQUIRE(engram_store_open(arguments[1], &store) == ENGRAM_OK);
  engram_text text;
  REQUIRE(engram_store_list(store, &text) == ENGRAM_OK);
  REQUIRE(strlen(text.bytes) == text.count);
  engram_text_free(&text);
  REQUIRE(engram_table_open(store, arguments[2], &table) == ENGRAM_OK);
  REQUIRE(engram_table_get_info(table, &info) == ENGRAM_OK);

  size_t bytes;
  int32_t *tokens = (int32_t *)read_file(arguments[4], &bytes);
  size_t token_count = bytes / sizeof *tokens;
  int64_t *known = (int64_t *)read_file(arguments[5], &bytes);
  row_count = bytes / sizeof *known;
  REQUIRE(row_count == token_count * (size_t)info.columns);
  rows = (int64_t *)malloc(bytes);
  REQUIRE(engram_table_rows(table, tokens, token_count, NULL, NULL, NULL, rows) == ENGRAM_OK);
  REQUIRE(memcmp(rows, known, bytes) == 0);

  expected = (uint8_t *)malloc(row_count * (size_t)info.row_bytes);
  REQUIRE(engram_table_prefetch(table, rows, row_count, NULL) == ENGRAM_OK);
  REQUIRE(engram_table_gather(table, rows, row_count, ENGRAM_RAW, 0, expected,
                              row_count * (size_t)info.row_bytes) == ENGRAM_OK);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, gather_again, NULL);
  // Forks while others gather: no child finds a lock that nobody gives back.
  for (int turn = 0; turn < 10; turn++) {
    pid_t child = fork();
    if (child == 0) in_the_child(arguments[1], arguments[2]);
    int status;
    REQUIRE(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);

  engram_dataset dataset;
  REQUIRE(engram_dataset_open(store, arguments[3], &dataset) == ENGRAM_OK);
  REQUIRE(engram_store_close(store) == ENGRAM_OK);
  engram_dataset_info samples;
  REQUIRE(engram_dataset_get_info(dataset, &samples) == ENGRAM_OK);
  uint64_t total = 0;
  for (int64_t number = 0; number < samples.samples; number++) {
    uint64_t size, offsets[2];
    REQUIRE(engram_dataset_sizes(dataset, &number, 1, &size) == ENGRAM_OK);
    uint8_t *out = (uint8_t *)malloc(size + 1);
    REQUIRE(engram_dataset_read(dataset, &number, 1, out, size, offsets) == ENGRAM_OK);
    REQUIRE(offsets[0] == 0 && offsets[1] == size);
    free(out);
    total += size;
  }
  REQUIRE(total == (uint64_t)samples.bytes);
  REQUIRE(engram_dataset_close(dataset) == ENGRAM_OK);
  REQUIRE(engram_table_close(table) == ENGRAM_OK);
  REQUIRE(engram_table_close(table) == ENGRAM_CLOSED);
  printf("%s: %zu tokens, %zu rows by %d threads and 10 forked children, %lld samples\n",
         engram_version(), token_count, row_count, THREADS, (long long)samples.samples);
  return 0;
}
