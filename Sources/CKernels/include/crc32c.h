#ifndef ENGRAM_CRC32C_H
#define ENGRAM_CRC32C_H
#include <stddef.h>
#include <stdint.h>

#endif
