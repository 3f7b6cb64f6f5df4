/// Engram Store for other languages: memory tables, datasets and questions, in one process.
///
///     engram_store store;
///     engram_table table;
///     if (engram_store_open("store", &store) || engram_table_open(store, "memory/layer1", &table))
///       fprintf(stderr, "%s\n", engram_last_error());
///     engram_table_rows(table, tokens, count, NULL, NULL, NULL, rows);      // [count, columns]
///     engram_table_gather(table, rows, count * columns, ENGRAM_BF16, 0, out, out_bytes);
///
/// **Errors.** Every function that can fail answers an `engram_status`, `ENGRAM_OK` (0) where it did
/// what it says. After any other, `engram_last_error()` is one line for people: what is wrong, where,
/// what to do. Outputs are then untouched, but for buffers of numbers or bytes, whose content must
/// not be used.
///
/// **Handles** are numbers. 0, a closed handle and one of another kind are answered with
/// `ENGRAM_CLOSED`, never followed. What was opened from a store goes on after the store is closed.
///
/// **Threads.** Any number of threads may use any handle at once; closing a handle that another
/// thread is using lets that call end. Calls run on the caller's thread, and no call calls back. Only
/// `engram_fusion_forward` uses more while it runs, one a core: those of OpenBLAS and of libdispatch.
///
/// **fork.** A child process that is forked after opening must open again: handles of its parent are
/// answered with `ENGRAM_FORKED`.
///
/// **Buffers** belong to the caller, who says how many bytes they have. Numbers are little-endian.
/// `engram_text` is the exception: the library's, until `engram_text_free`.
///
/// **Compatibility.** `engram_abi_version()` is `ENGRAM_ABI_VERSION` of the header that a library was
/// built with. Within one version functions are only added.
#ifndef ENGRAM_H
#define ENGRAM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#pragma clang assume_nonnull begin
#define ENGRAM_NULLABLE _Nullable
#else
#define ENGRAM_NULLABLE
#endif

#define ENGRAM_ABI_VERSION 1

/// What came of a call.
typedef int32_t engram_status;
enum {
  ENGRAM_OK = 0,
  /// An argument makes no sense: a null pointer, a bad name, a malformed request.
  ENGRAM_INVALID = 1,
  /// No store, table, dataset, version or index of that name.
  ENGRAM_NOT_FOUND = 2,
  /// A row id, sample number, position or token id outside what there is.
  ENGRAM_OUT_OF_RANGE = 3,
  /// The caller's buffer is too small.
  ENGRAM_TOO_SMALL = 4,
  /// Stored bytes do not match their checksum; nothing of them is served.
  ENGRAM_CORRUPT = 5,
  /// The system refused a file: missing rights, a full disk, a failed read.
  ENGRAM_IO = 6,
  /// The store, or a file of it, has a newer format than this library reads.
  ENGRAM_NEWER_FORMAT = 7,
  /// What the handle is of cannot do this: hashing with a table that has no addressing, say.
  ENGRAM_UNSUPPORTED = 8,
  /// The handle is 0, closed, or of another kind.
  ENGRAM_CLOSED = 9,
  /// The handle was opened before a fork, by the parent.
  ENGRAM_FORKED = 10,
  /// Anything else.
  ENGRAM_FAILED = 11
};

typedef uint64_t engram_store;
typedef uint64_t engram_table;
typedef uint64_t engram_fusion;
typedef uint64_t engram_dataset;
typedef uint64_t engram_mixture;
typedef uint64_t engram_index;

/// UTF-8 that the library made, with a zero byte after it; `engram_text_free` gives it back.
typedef struct engram_text {
  char *ENGRAM_NULLABLE bytes;
  size_t count;
} engram_text;

// MARK: - Library

/// `ENGRAM_ABI_VERSION` as the library was built.
int32_t engram_abi_version(void);
/// The release, e.g. "0.6.0". Never freed.
const char *engram_version(void);
/// What the last call of this thread that failed said; "" before the first. Valid until this thread's
/// next call.
const char *engram_last_error(void);
/// The name of a status, e.g. "ENGRAM_CORRUPT". Never freed.
const char *engram_status_name(engram_status status);
/// Gives a text back and sets it to nothing. NULL and an empty text are fine.
void engram_text_free(engram_text *ENGRAM_NULLABLE text);

// MARK: - Stores

/// Opens the store in a folder for reading. It shows what is published at each call, not only what was
/// when it was opened.
engram_status engram_store_open(const char *ENGRAM_NULLABLE path, engram_store *ENGRAM_NULLABLE store);
engram_status engram_store_close(engram_store store);
/// All that is published, as JSON:
/// {"tables":[...],"datasets":[...],"indexes":[...]}, each as its `describe` gives it.
engram_status engram_store_list(engram_store store, engram_text *ENGRAM_NULLABLE json);

// MARK: - Tables

/// How a gathered row is written.
typedef int32_t engram_format;
enum {
  /// The stored bytes: `row_bytes` a row.
  ENGRAM_RAW = 0,
  /// bfloat16, `dimension` numbers a row.
  ENGRAM_BF16 = 1,
  /// float32, `dimension` numbers a row.
  ENGRAM_F32 = 2
};

/// Flags of `engram_table_gather`.
enum {
  /// A row id of -1 (of an exact table: the N-gram is not there) is a row of zeros.
  ENGRAM_MISSING_AS_ZERO = 1
};

/// The numbers that a caller needs to make buffers.
typedef struct engram_table_info {
  /// Row ids are 0..<rows.
  int64_t rows;
  /// Numbers in a row.
  int64_t dimension;
  /// Bytes of a raw row.
  int64_t row_bytes;
  /// Row ids of a token; 0 where tokens lead to no row.
  int64_t columns;
  /// Token ids are 0..<token_limit; 0 where tokens lead to no row.
  int64_t token_limit;
  /// The longest N-gram, in tokens; 0 where tokens lead to no row.
  int64_t longest_ngram;
  /// The version.
  int64_t version;
  /// 1 where N-grams are looked up themselves (an id of -1 is one that is not there), else 0.
  int32_t is_exact;
  /// 1 where tokens may be masked and have segments, else 0.
  int32_t takes_segments;
  /// SHA-256 of the version, 64 hexadecimal digits and a zero byte.
  char identity[72];
} engram_table_info;

/// Where a sequence stands: what the next tokens' N-grams reach back to. Plain memory: copy it to
/// fork a sequence, keep an old one to roll back.
typedef struct engram_history {
  uint32_t recent[8];
  int32_t segment;
  uint32_t reserved;
} engram_history;

/// Opens a table version.
///
/// - reference: "name" for the newest version or "name@3".
engram_status engram_table_open(
    engram_store store, const char *ENGRAM_NULLABLE reference, engram_table *ENGRAM_NULLABLE table);
engram_status engram_table_close(engram_table table);
engram_status engram_table_get_info(engram_table table, engram_table_info *ENGRAM_NULLABLE info);
/// What the version is, as JSON: the fields of `engram memory inspect --format json`.
engram_status engram_table_describe(engram_table table, engram_text *ENGRAM_NULLABLE json);

/// The history before the first token of a sequence, of a table that hashes.
engram_status engram_history_start(engram_table table, engram_history *ENGRAM_NULLABLE history);
/// The row ids of the next tokens of a sequence.
///
/// - tokens: `count` token ids.
/// - masked: NULL, or `count` bytes: 1 for tokens that take no part in an N-gram, else 0.
/// - segments: NULL, or `count` segment numbers: a change is a boundary.
/// - history: NULL for a whole sequence; else it moves on, or stays where an error is answered. Exact
///   tables take none.
/// - rows: `count * columns` row ids, shape [count, columns]; fastest where aligned to 64 bytes.
engram_status engram_table_rows(
    engram_table table, const int32_t *ENGRAM_NULLABLE tokens, size_t count,
    const uint8_t *ENGRAM_NULLABLE masked, const int32_t *ENGRAM_NULLABLE segments,
    engram_history *ENGRAM_NULLABLE history, int64_t *ENGRAM_NULLABLE rows);
/// Starts reading the pages of rows from the disk and returns without waiting for them.
///
/// - pages: NULL, or where the number of distinct 4 KiB pages goes.
engram_status engram_table_prefetch(
    engram_table table, const int64_t *ENGRAM_NULLABLE rows, size_t count,
    uint64_t *ENGRAM_NULLABLE pages);
/// Copies rows, one after another, each checked against its checksum.
///
/// - rows: `count` row ids in any order; duplicates are allowed.
/// - flags: 0 or `ENGRAM_MISSING_AS_ZERO`.
/// - out: at least `count` rows in `format`; aligned to its numbers.
/// - out_bytes: bytes of `out`.
///
/// A row id outside the table is answered before anything is written.
engram_status engram_table_gather(
    engram_table table, const int64_t *ENGRAM_NULLABLE rows, size_t count, engram_format format,
    uint32_t flags, void *ENGRAM_NULLABLE out, size_t out_bytes);

// MARK: - Fusion

/// A weight, float32, in row-major order.
typedef struct engram_tensor {
  const char *ENGRAM_NULLABLE name;
  const float *ENGRAM_NULLABLE values;
  /// `rank` sizes.
  const int64_t *ENGRAM_NULLABLE shape;
  int32_t rank;
} engram_tensor;

/// Sizes of a fusion.
typedef struct engram_fusion_info {
  /// Parallel residual streams, M.
  int64_t branches;
  /// Width of a hidden state, D.
  int64_t width;
  /// Numbers of a token's rows together, E.
  int64_t inputs;
  /// Numbers of a convolution's state; 0 without one.
  int64_t state;
} engram_fusion_info;

/// Takes the weights of one layer, by the names and shapes that the form's checkpoint has.
///
/// - form: "engram-paper", "deepseek-v4.1" or "qwen-ple".
/// - dilation: tokens between two taps of the convolution; ignored without one.
///
/// The weights are copied.
engram_status engram_fusion_open(
    const char *ENGRAM_NULLABLE form, const engram_tensor *ENGRAM_NULLABLE tensors, size_t count,
    int64_t dilation, engram_fusion *ENGRAM_NULLABLE fusion);
engram_status engram_fusion_close(engram_fusion fusion);
engram_status engram_fusion_get_info(engram_fusion fusion, engram_fusion_info *ENGRAM_NULLABLE info);
/// Adds rows to hidden states.
///
/// - hidden: [tokens, branches, width].
/// - rows: [tokens, inputs], a token's decoded rows one after another.
/// - mask: NULL, or `tokens` bytes: 0 where a token has no rows.
/// - state: NULL for a whole sequence; else `state` numbers (zeros before the first token), which
///   move on.
/// - gate: NULL, or [tokens, branches]. delta: NULL, or what was added, [tokens, branches, width].
/// - output: NULL, or the sums, [tokens, branches, width].
engram_status engram_fusion_forward(
    engram_fusion fusion, size_t tokens, const float *ENGRAM_NULLABLE hidden,
    const float *ENGRAM_NULLABLE rows, const uint8_t *ENGRAM_NULLABLE mask,
    float *ENGRAM_NULLABLE state, float *ENGRAM_NULLABLE gate, float *ENGRAM_NULLABLE delta,
    float *ENGRAM_NULLABLE output);

// MARK: - Datasets

/// What the samples of a dataset are.
enum {
  /// The metadata's size (4 bytes), the metadata (a JSON object), the text; all UTF-8.
  ENGRAM_DOCUMENT = 0,
  /// Token ids of `token_width` bytes; where `has_boundaries`, then the places at which documents
  /// start (4 bytes each), and their number (4 bytes).
  ENGRAM_TOKENS = 1,
  /// Bytes that mean nothing to the store.
  ENGRAM_BYTES = 2
};

typedef struct engram_dataset_info {
  /// Sample numbers are 0..<samples.
  int64_t samples;
  /// Bytes of all samples.
  int64_t bytes;
  /// The version.
  int64_t version;
  /// ENGRAM_DOCUMENT, ENGRAM_TOKENS or ENGRAM_BYTES.
  int32_t kind;
  /// Bytes of a token id, 2 or 4; 0 where samples are no tokens.
  int32_t token_width;
  /// Tokens of every sample but the last; 0 where they differ.
  int64_t token_length;
  /// 1 where samples of tokens end with the places where documents start.
  int32_t has_boundaries;
  int32_t reserved;
  /// SHA-256 of the version, 64 hexadecimal digits and a zero byte.
  char identity[72];
} engram_dataset_info;

engram_status engram_dataset_open(
    engram_store store, const char *ENGRAM_NULLABLE reference,
    engram_dataset *ENGRAM_NULLABLE dataset);
engram_status engram_dataset_close(engram_dataset dataset);
engram_status engram_dataset_get_info(
    engram_dataset dataset, engram_dataset_info *ENGRAM_NULLABLE info);
/// What the version is, as JSON: its manifest.
engram_status engram_dataset_describe(engram_dataset dataset, engram_text *ENGRAM_NULLABLE json);
/// The sizes of samples in bytes.
engram_status engram_dataset_sizes(
    engram_dataset dataset, const int64_t *ENGRAM_NULLABLE numbers, size_t count,
    uint64_t *ENGRAM_NULLABLE sizes);
/// Reads samples, one after another, each checked.
///
/// - offsets: `count + 1` places in `out`: sample i is out[offsets[i]]..<out[offsets[i + 1]].
/// - out_bytes: bytes of `out`. Where the samples need more the answer is `ENGRAM_TOO_SMALL`, and the
///   last offset is what they need.
engram_status engram_dataset_read(
    engram_dataset dataset, const int64_t *ENGRAM_NULLABLE numbers, size_t count,
    void *ENGRAM_NULLABLE out, size_t out_bytes, uint64_t *ENGRAM_NULLABLE offsets);

/// Orders of an epoch.
enum {
  ENGRAM_SEQUENTIAL = 0,
  ENGRAM_GLOBAL = 1,
  /// Chunks, then samples within windows of `window` chunks.
  ENGRAM_CHUNKED = 2
};

/// The samples that stand at the positions first, first + step, ... of an epoch.
///
/// - window: of `ENGRAM_CHUNKED`; ignored otherwise.
/// - samples: `count` sample numbers.
engram_status engram_dataset_order(
    engram_dataset dataset, int32_t order, int64_t window, uint64_t seed, int64_t epoch,
    int64_t first, int64_t step, size_t count, int64_t *ENGRAM_NULLABLE samples);

/// The endless mixture of datasets by weight (Schemas/sample-order.md).
///
/// - counts, weights: samples and weight of each of `datasets` datasets.
/// - block: positions in which proportions are exact; 0 for 65,536.
engram_status engram_mixture_open(
    const int64_t *ENGRAM_NULLABLE counts, const double *ENGRAM_NULLABLE weights, size_t datasets,
    uint64_t seed, int64_t block, engram_mixture *ENGRAM_NULLABLE mixture);
engram_status engram_mixture_close(engram_mixture mixture);
/// What stands at the positions first, first + step, ...: which dataset, which of its epochs, and
/// which position of that epoch's order. Each output has `count` numbers.
engram_status engram_mixture_draw(
    engram_mixture mixture, int64_t first, int64_t step, size_t count,
    int64_t *ENGRAM_NULLABLE datasets, int64_t *ENGRAM_NULLABLE epochs,
    int64_t *ENGRAM_NULLABLE positions);

// MARK: - Questions

/// Opens the index of a dataset.
///
/// - tokenizer: NULL, or the path of the tokenizer.json that a dataset of tokens is of.
engram_status engram_index_open(
    engram_store store, const char *ENGRAM_NULLABLE reference,
    const char *ENGRAM_NULLABLE tokenizer, engram_index *ENGRAM_NULLABLE index);
engram_status engram_index_close(engram_index index);
/// What the index is, as JSON.
engram_status engram_index_describe(engram_index index, engram_text *ENGRAM_NULLABLE json);
/// The passages that answer a question, of several indexes ranked as one.
///
/// - request: JSON, as the body of the service's POST /v1/query without `datasets`:
///   {"question":"...","limit":10,"perDocument":2,"where":["path=a/*"],"mode":"lexical",
///    "vector":[...],"maxTokens":2000}. Only `question` has to be there.
/// - json: {"passages":[...],"context":"..."}, best first; each as a line of
///   `engram query --format json`. `context` is there where `maxTokens` was.
engram_status engram_query(
    const engram_index *ENGRAM_NULLABLE indexes, size_t count, const char *ENGRAM_NULLABLE request,
    engram_text *ENGRAM_NULLABLE json);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif

#endif
