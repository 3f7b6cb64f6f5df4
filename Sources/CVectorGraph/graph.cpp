#include "CVectorGraph.h"

extern "C" int32_t engram_vector_graph_degree(void) { return 16; }
