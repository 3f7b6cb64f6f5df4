/// A graph of vectors for nearest-neighbour search (HNSW), by hnswlib behind C functions.
#ifndef ENGRAM_VECTOR_GRAPH_H
#define ENGRAM_VECTOR_GRAPH_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Neighbours of a vector on the levels above the ground, by default.
int32_t engram_vector_graph_degree(void);

#ifdef __cplusplus
}
#endif
#endif
