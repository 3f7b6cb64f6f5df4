/// The C kernels of Engram Store: everything that needs SIMD or a hand-written inner loop.
/// Each header belongs to one source file; Swift calls them through small safe functions.
#ifndef ENGRAM_CKERNELS_H
#define ENGRAM_CKERNELS_H
#include "blocks.h"
#include "crc32c.h"
#include "decode.h"
#include "differences.h"
#include "encode.h"
#include "fuse.h"
#include "fuse_backward.h"
#include "gather.h"
#include "hash.h"
#include "minimum.h"
#include "ngram_count.h"
#include "prefetch.h"
#include "remainders.h"
#include "sample_digest.h"
#include "sha256.h"
#include "train.h"
#endif
