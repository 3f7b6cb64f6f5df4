#ifndef ENGRAM_DECODE_H
#define ENGRAM_DECODE_H
#include <stddef.h>
#include <stdint.h>

#endif
