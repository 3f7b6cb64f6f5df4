#ifndef ENGRAM_HASH_H
#define ENGRAM_HASH_H
#include <stddef.h>
#include <stdint.h>

#endif
