/// Kernels of the passage index: blocks of postings packed and unpacked, scored and collected.
/// Each header belongs to one source file; Swift calls them through small safe functions.
#ifndef ENGRAM_CPOSTINGS_H
#define ENGRAM_CPOSTINGS_H
#include "packing.h"
#endif
