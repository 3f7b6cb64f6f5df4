/// Nearest vectors by dot product, all compared or by a graph (HNSW, arXiv 1603.09320): hnswlib
/// builds the graph, behind C functions; searching it is our own, over plain arrays that may hold
/// anything.
#ifndef ENGRAM_VECTOR_GRAPH_H
#define ENGRAM_VECTOR_GRAPH_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// `count` vectors of `dimensions` numbers, one after another.
typedef struct {
  const float *numbers;
  size_t count;
  size_t dimensions;
} engram_vectors;

/// What a search brings back, the best first: ids, and dot products with the question.
typedef struct {
  uint32_t *ids;
  float *scores;
} engram_nearest;

/// out[i] = dot product of row i and the question, for `count` rows.
void engram_dots(
  const float *rows, size_t count, size_t dimensions, const float *question, float *out);

/// The k vectors with the highest dot products, ties by the lower number, all compared.
///
/// `allowed`: a bit a vector, the lowest bit first, or NULL for all. Answers how many were found,
/// or -1 where memory is exhausted.
int64_t engram_nearest_flat(
  engram_vectors vectors, const float *question, size_t k, const uint64_t *allowed,
  engram_nearest out);

/// A graph as it lies in a file. Every number in it may be wrong: a node or a passage out of range
/// is passed over.
typedef struct {
  /// Passage of each node.
  const uint32_t *passages;
  size_t nodes;
  /// `ground_degree` + 1 words a node: how many neighbours, and which.
  const uint32_t *ground;
  uint32_t ground_degree;
  /// `degree` + 1 words a node and level above the ground.
  const uint32_t *upper;
  size_t upper_blocks;
  uint32_t degree;
  /// The block of each node's first level above the ground.
  const uint32_t *upper_starts;
  uint32_t levels;
  uint32_t entry;
} engram_graph;

/// As `engram_nearest_flat`, by walking the graph with `effort` (at least k) candidates; may miss
/// some.
int64_t engram_nearest_by_graph(
  engram_graph graph, engram_vectors vectors, const float *question, size_t k, size_t effort,
  const uint64_t *allowed, engram_nearest out);

/// A graph that is being built over vectors that stay where they are. One thread at a time; the
/// same calls build the same graph.
typedef struct engram_graph_builder engram_graph_builder;

/// NULL where memory is exhausted. At most `nodes` passages can be added.
engram_graph_builder *engram_graph_builder_open(
  engram_vectors vectors, size_t nodes, uint32_t degree, uint32_t effort);
void engram_graph_builder_close(engram_graph_builder *builder);

/// Adds a passage; 0, or -1 where memory is exhausted.
int engram_graph_builder_add(engram_graph_builder *builder, uint32_t passage);

size_t engram_graph_builder_nodes(const engram_graph_builder *builder);
uint32_t engram_graph_builder_entry(const engram_graph_builder *builder);
uint32_t engram_graph_builder_passage(const engram_graph_builder *builder, uint32_t node);

/// The highest level that the node is on; 0 is the ground.
uint32_t engram_graph_builder_level(const engram_graph_builder *builder, uint32_t node);

/// The neighbours of a node on one of its levels: degree (twice that on the ground) + 1 words in
/// `out`, the first how many, the rest after them zero.
void engram_graph_builder_links(
  const engram_graph_builder *builder, uint32_t node, uint32_t level, uint32_t *out);

#ifdef __cplusplus
}
#endif
#endif
