#ifndef ENGRAM_BENCH_PEERS_H
#define ENGRAM_BENCH_PEERS_H
#include <stddef.h>
#include <stdint.h>

#endif
