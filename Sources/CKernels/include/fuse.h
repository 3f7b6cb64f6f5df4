#ifndef ENGRAM_FUSE_H
#define ENGRAM_FUSE_H
#include <stddef.h>
#include <stdint.h>

#endif
