#include <exception>

#include "CVectorGraph.h"
#include "best.h"

using engram::Best;
using engram::Scored;

namespace {

// Rows whose dot products are taken before any is looked at.
constexpr size_t kRows = 256;

void search_all(
  engram_vectors vectors, const float *question, const uint64_t *allowed, Best &best) {
  float scores[kRows];
  for (size_t start = 0; start < vectors.count; start += kRows) {
    const size_t count = std::min(kRows, vectors.count - start);
    if (allowed) {
      // A block starts at a word of the set: kRows is a multiple of 64.
      uint64_t any = 0;
      for (size_t word = 0; word < (count + 63) / 64; word++) any |= allowed[start / 64 + word];
      if (!any) continue;
    }
    engram_dots(
      vectors.numbers + start * vectors.dimensions, count, vectors.dimensions, question, scores);
    for (size_t i = 0; i < count; i++) {
      const Scored one{scores[i], static_cast<uint32_t>(start + i)};
      if (best.takes(one) && engram::is_allowed(allowed, one.id)) best.insert(one);
    }
  }
}

}  // namespace

extern "C" int64_t engram_nearest_flat(
  engram_vectors vectors, const float *question, size_t k, const uint64_t *allowed,
  engram_nearest out) {
  try {
    Best best(std::min(k, vectors.count));
    if (k > 0) search_all(vectors, question, allowed, best);
    return best.write(k, out);
  } catch (const std::exception &) {
    return -1;
  }
}
