#include "CBenchPeers.h"

void engram_peer_address(
    const int32_t *tokens, size_t count, const uint32_t *map, uint32_t pad,
    const uint64_t *multipliers, int max_order, const uint64_t *sizes, int heads, int64_t *rows) {
  for (size_t token = 0; token < count; token++) {
    uint64_t hash = map[tokens[token]] * multipliers[0];
    uint64_t offset = 0;
    for (int order = 2; order <= max_order; order++) {
      size_t back = (size_t)order - 1;
      uint64_t value = token >= back ? map[tokens[token - back]] : pad;
      hash ^= value * multipliers[back];
      for (int head = 0; head < heads; head++) {
        uint64_t size = sizes[(order - 2) * heads + head];
        *rows++ = (int64_t)(hash % size + offset);
        offset += size;
      }
    }
  }
}
