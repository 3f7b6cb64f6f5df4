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
/// `engram_fusion_forward` uses more while it runs, one a core: those of OpenBLAS and of libdispatch; and
/// a put of context blocks of 4 MiB and more, two.
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
typedef uint64_t engram_context;
typedef uint64_t engram_context_space;
typedef uint64_t engram_context_prefix;

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

// MARK: - Context blocks

/// Opens the context store in a folder. `options` is JSON; all members may be left out:
/// {"mode":"writing","capacity_bytes":68719476736,"segment_bytes":268435456}
/// "writing" (the default) makes the folder where there is none; one process at a time: another is
/// answered with `ENGRAM_IO`, and told which process it is. "reading" reads beside it, what was there
/// when it was opened or last refreshed. The capacity is kept with the store: give it at the first
/// opening, and later to change it.
engram_status engram_context_open(const char *ENGRAM_NULLABLE path, const char *ENGRAM_NULLABLE options,
                                  engram_context *ENGRAM_NULLABLE context);
engram_status engram_context_close(engram_context context);
/// What is stored, what was asked and found since opening, and the budget, as JSON.
engram_status engram_context_stats(engram_context context, engram_text *ENGRAM_NULLABLE json);
/// Reading: sees what was put and evicted since. Writing: does nothing.
engram_status engram_context_refresh(engram_context context);
/// Returns when everything put so far is on the disk.
engram_status engram_context_flush(engram_context context);

/// Opens a namespace: all that makes two states comparable. `description` is JSON:
/// {"model":"m","revision":"r","tokenizer":"t","salt":"","block_tokens":64,
///  "groups":[{"name":"latent","layers":61,"row_bytes":656,"dtype":"fp8_ds_mla","tokens_per_row":1}]}
/// `lifetimes` is NULL or JSON, seconds a group's state may be served after it was put:
/// {"window":600}.
engram_status engram_context_space_open(engram_context context, const char *ENGRAM_NULLABLE description,
                                        const char *ENGRAM_NULLABLE lifetimes,
                                        engram_context_space *ENGRAM_NULLABLE space);
engram_status engram_context_space_close(engram_context_space space);
/// The description with all members, and "id", the namespace's SHA-256.
engram_status engram_context_space_describe(engram_context_space space, engram_text *ENGRAM_NULLABLE json);

/// Which blocks are meant. Either `tokens`: a prompt from its first token on, `token_count` ids, whole
/// blocks of which count; a block's key names its whole prefix. Or `keys`: `key_count` keys of 32 bytes
/// that the caller made, one a block, each naming its whole prefix (an engine's block hashes).
typedef struct engram_context_blocks {
  const int32_t *ENGRAM_NULLABLE tokens;
  size_t token_count;
  const uint8_t *ENGRAM_NULLABLE keys;
  size_t key_count;
} engram_context_blocks;

/// The state of one group: [layers, blocks * rows of a block, row_bytes], densely.
typedef struct engram_context_part {
  const char *ENGRAM_NULLABLE group;
  const void *ENGRAM_NULLABLE bytes;
  size_t byte_count;
} engram_context_part;

/// What became of the blocks of a put. `refused` blocks are not stored (the disk is full, everything
/// is pinned): a miss later, no error.
typedef struct engram_context_put_result {
  uint64_t stored;
  uint64_t present;
  uint64_t refused;
} engram_context_put_result;

/// Stores blocks `first_block`..<`first_block + block_count` of `blocks`, some or all groups of them.
/// What is there already is not stored again. `durable` returns when the blocks are on the disk;
/// `relaxed` when they are written: a crash of the machine may lose the last of them, never one before
/// one that is kept.
engram_status engram_context_put_durable(engram_context_space space, engram_context_blocks blocks,
                                         size_t first_block, size_t block_count,
                                         const engram_context_part *ENGRAM_NULLABLE parts,
                                         size_t part_count,
                                         engram_context_put_result *ENGRAM_NULLABLE result);
engram_status engram_context_put_relaxed(engram_context_space space, engram_context_blocks blocks,
                                         size_t first_block, size_t block_count,
                                         const engram_context_part *ENGRAM_NULLABLE parts,
                                         size_t part_count,
                                         engram_context_put_result *ENGRAM_NULLABLE result);

/// Looks for the longest prefix of which some group is there. What was found can be read until the
/// prefix is closed, whatever is evicted meanwhile: close it soon, it holds disk space.
/// `block_count` is that of the longest group.
engram_status engram_context_lookup(engram_context_space space, engram_context_blocks blocks,
                                    engram_context_prefix *ENGRAM_NULLABLE prefix,
                                    size_t *ENGRAM_NULLABLE block_count);
engram_status engram_context_prefix_close(engram_context_prefix prefix);
/// How a group of a prefix is there: `leading` blocks from the first on, `trailing` blocks up to the
/// end of the prefix (what a sliding window needs), `present` in all.
typedef struct engram_context_presence {
  uint64_t leading;
  uint64_t trailing;
  uint64_t present;
} engram_context_presence;
engram_status engram_context_prefix_presence(engram_context_prefix prefix,
                                             const char *ENGRAM_NULLABLE group,
                                             engram_context_presence *ENGRAM_NULLABLE presence);

/// One read: layers and blocks of a group into `out`, [layer_count, blocks * rows of a block, row_bytes].
/// `delivered` is set to how many blocks, from `first_block` on, are there whole: fewer than
/// `block_count` where one is missing or was found damaged, which is logged and a miss from then on. The
/// place of a block in `out` does not depend on it; what is behind the delivered blocks is not used.
typedef struct engram_context_read {
  engram_context_prefix prefix;
  const char *ENGRAM_NULLABLE group;
  size_t first_layer, layer_count;
  size_t first_block, block_count;
  void *ENGRAM_NULLABLE out;
  size_t out_bytes;
  size_t delivered;
} engram_context_read;

/// Reads several at once: all that is not in memory is asked for first, then copied and checked.
engram_status engram_context_get(engram_context_read *ENGRAM_NULLABLE reads, size_t read_count);
/// Rows of one layer by number, the first row of the prompt is 0: [count, row_bytes]. Row numbers may
/// repeat and be in any order. A row that is not there (any more) is `ENGRAM_NOT_FOUND`.
engram_status engram_context_gather(engram_context_prefix prefix, const char *ENGRAM_NULLABLE group,
                                    size_t layer, const int64_t *ENGRAM_NULLABLE rows, size_t count,
                                    void *ENGRAM_NULLABLE out, size_t out_bytes);
/// Asks for layers and blocks of a group, and does not wait. `pages` (or NULL) is set to the number of
/// 4 KiB pages asked for.
engram_status engram_context_prefetch(engram_context_prefix prefix, const char *ENGRAM_NULLABLE group,
                                      size_t first_layer, size_t layer_count, size_t first_block,
                                      size_t block_count, uint64_t *ENGRAM_NULLABLE pages);
/// The same for rows of one layer.
engram_status engram_context_prefetch_rows(engram_context_prefix prefix, const char *ENGRAM_NULLABLE group,
                                           size_t layer, const int64_t *ENGRAM_NULLABLE rows,
                                           size_t count, uint64_t *ENGRAM_NULLABLE pages);
/// Keeps what is there of these blocks from being evicted for some seconds; 0 ends that. `pinned` is
/// set to the number of blocks.
engram_status engram_context_pin(engram_context_space space, engram_context_blocks blocks, double seconds,
                                 uint64_t *ENGRAM_NULLABLE pinned);
/// Forgets the last of these blocks and every block whose prefix it is; with no blocks at all, the whole
/// namespace. `cleared` is set to the number of blocks.
engram_status engram_context_clear(engram_context_space space, engram_context_blocks blocks,
                                   uint64_t *ENGRAM_NULLABLE cleared);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif

#endif
