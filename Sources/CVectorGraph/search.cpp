#include <exception>

#include "CVectorGraph.h"
#include "best.h"

using engram::Best;
using engram::Scored;

namespace {

/// One search. Nothing that the graph says is believed before it was compared with its bounds.
class Search {
 public:
  Search(const engram_graph &graph, const engram_vectors &vectors, const float *question)
      : graph_(graph), vectors_(vectors), question_(question), seen_((graph.nodes + 63) / 64) {}

  bool look(uint32_t node, Scored &found) const {
    if (node >= graph_.nodes || graph_.passages[node] >= vectors_.count) return false;
    found.id = node;
    const size_t row = graph_.passages[node];
    engram_dots(
      vectors_.numbers + row * vectors_.dimensions, 1, vectors_.dimensions, question_,
      &found.score);
    return true;
  }

  /// Goes to a better neighbour on a level as long as there is one.
  void climb(uint32_t level, Scored &here) const {
    for (bool moved = true; moved;) {
      moved = false;
      const size_t start = graph_.upper_starts[here.id];
      if (start >= graph_.upper_blocks || level - 1 >= graph_.upper_blocks - start) return;
      const uint32_t *links = graph_.upper + (start + level - 1) * (graph_.degree + 1ul);
      const uint32_t count = std::min(links[0], graph_.degree);
      for (uint32_t i = 1; i <= count; i++) {
        Scored other;
        if (look(links[i], other) && engram::is_better(other, here)) {
          here = other;
          moved = true;
        }
      }
    }
  }

  /// The beam on the ground: all nodes lead on, only allowed ones are found.
  void walk(const Scored &start, const uint64_t *allowed, Best &found) {
    const auto is_worse = [](const Scored &a, const Scored &b) { return engram::is_better(b, a); };
    std::vector<Scored> open{start};
    see(start.id);
    take(start, allowed, found);
    while (!open.empty()) {
      std::pop_heap(open.begin(), open.end(), is_worse);
      const Scored here = open.back();
      open.pop_back();
      if (found.is_full() && engram::is_better(worst_, here)) break;
      const uint32_t *links = graph_.ground + here.id * (graph_.ground_degree + 1ul);
      const uint32_t count = std::min(links[0], graph_.ground_degree);
      for (uint32_t i = 1; i <= count; i++) {
        Scored other;
        if (links[i] >= graph_.nodes || !see(links[i]) || !look(links[i], other)) continue;
        if (found.is_full() && !engram::is_better(other, worst_)) continue;
        open.push_back(other);
        std::push_heap(open.begin(), open.end(), is_worse);
        take(other, allowed, found);
      }
    }
  }

 private:
  /// Whether the node is seen for the first time.
  bool see(uint32_t node) {
    const uint64_t bit = 1ull << (node & 63);
    const bool is_new = !(seen_[node >> 6] & bit);
    seen_[node >> 6] |= bit;
    return is_new;
  }

  void take(const Scored &node, const uint64_t *allowed, Best &found) {
    const uint32_t passage = graph_.passages[node.id];
    if (!engram::is_allowed(allowed, passage)) return;
    found.insert({node.score, passage});
    worst_ = found.worst();
  }

  const engram_graph &graph_;
  const engram_vectors &vectors_;
  const float *question_;
  std::vector<uint64_t> seen_;
  Scored worst_{0, 0};
};

}  // namespace

extern "C" int64_t engram_nearest_by_graph(
  engram_graph graph, engram_vectors vectors, const float *question, size_t k, size_t effort,
  const uint64_t *allowed, engram_nearest out) {
  try {
    Best found(std::min(std::max(k, effort), vectors.count));
    Search search(graph, vectors, question);
    Scored here;
    if (k == 0 || !search.look(graph.entry, here)) return 0;
    for (uint32_t level = graph.levels; level > 0; level--) search.climb(level, here);
    search.walk(here, allowed, found);
    return found.write(k, out);
  } catch (const std::exception &) {
    return -1;
  }
}
