#ifndef ENGRAM_GATHER_H
#define ENGRAM_GATHER_H
#include <stddef.h>
#include <stdint.h>

#endif
