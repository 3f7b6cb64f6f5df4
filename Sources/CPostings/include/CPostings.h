/// Kernels of the passage index: words numbered, blocks of postings packed and unpacked, scored
/// and collected. Each header belongs to one source file; Swift calls them through small safe
/// functions.
#ifndef ENGRAM_CPOSTINGS_H
#define ENGRAM_CPOSTINGS_H
#include "packing.h"
#include "scoring.h"
#include "word_table.h"
#endif
