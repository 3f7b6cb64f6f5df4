/// The k best of many, and which of two is better.
#ifndef ENGRAM_BEST_H
#define ENGRAM_BEST_H
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "CVectorGraph.h"

namespace engram {

struct Scored {
  float score;
  uint32_t id;
};

/// The higher score, and of equal ones the lower id. A score that is no number is the worst.
inline bool is_better(const Scored &a, const Scored &b) {
  const bool a_is_number = a.score == a.score, b_is_number = b.score == b.score;
  if (a_is_number != b_is_number) return a_is_number;
  if (a_is_number && a.score != b.score) return a.score > b.score;
  return a.id < b.id;
}

/// A heap of at most `limit`, the worst on top.
class Best {
 public:
  explicit Best(size_t limit) : limit_(limit) { heap_.reserve(limit); }

  bool is_full() const { return heap_.size() >= limit_; }
  bool is_empty() const { return heap_.empty(); }
  const Scored &worst() const { return heap_.front(); }
  bool takes(const Scored &one) const { return !is_full() || is_better(one, worst()); }

  void insert(const Scored &one) {
    if (limit_ == 0) return;
    if (is_full()) {
      if (!is_better(one, worst())) return;
      std::pop_heap(heap_.begin(), heap_.end(), is_better);
      heap_.back() = one;
    } else {
      heap_.push_back(one);
    }
    std::push_heap(heap_.begin(), heap_.end(), is_better);
  }

  /// Writes the first k in order; answers how many there are.
  int64_t write(size_t k, engram_nearest out) {
    std::sort_heap(heap_.begin(), heap_.end(), is_better);
    const size_t count = std::min(k, heap_.size());
    for (size_t i = 0; i < count; i++) {
      out.ids[i] = heap_[i].id;
      out.scores[i] = heap_[i].score;
    }
    return static_cast<int64_t>(count);
  }

 private:
  size_t limit_;
  std::vector<Scored> heap_;
};

inline bool is_allowed(const uint64_t *allowed, uint32_t id) {
  return !allowed || (allowed[id >> 6] >> (id & 63) & 1);
}

}  // namespace engram
#endif
