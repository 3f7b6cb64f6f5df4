#include "CBenchPeers.h"
#include <malloc.h>

void engram_peer_release_memory(void) { malloc_trim(0); }
