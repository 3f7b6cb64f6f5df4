#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <exception>
#include <memory>

#include "CVectorGraph.h"

namespace {

/// Vectors by their number: hnswlib keeps the number, the vectors stay where they are.
class NumberedVectors : public hnswlib::SpaceInterface<float> {
 public:
  explicit NumberedVectors(engram_vectors vectors) : vectors_(vectors) {}

  size_t get_data_size() override { return sizeof(uint32_t); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void *get_dist_func_param() override { return &vectors_; }

 private:
  static float distance(const void *a, const void *b, const void *parameter) {
    const engram_vectors &vectors = *static_cast<const engram_vectors *>(parameter);
    float product;
    engram_dots(row(vectors, a), 1, vectors.dimensions, row(vectors, b), &product);
    return 1 - product;
  }

  static const float *row(const engram_vectors &vectors, const void *data) {
    uint32_t number;
    memcpy(&number, data, sizeof number);
    return vectors.numbers + number * vectors.dimensions;
  }

  engram_vectors vectors_;
};

}  // namespace

struct engram_graph_builder {
  NumberedVectors space;
  hnswlib::HierarchicalNSW<float> graph;

  engram_graph_builder(engram_vectors vectors, size_t nodes, uint32_t degree, uint32_t effort)
      : space(vectors), graph(&space, nodes, degree, effort) {}
};

extern "C" engram_graph_builder *engram_graph_builder_open(
  engram_vectors vectors, size_t nodes, uint32_t degree, uint32_t effort) {
  try {
    return std::make_unique<engram_graph_builder>(vectors, nodes, degree, effort).release();
  } catch (const std::exception &) {
    return nullptr;
  }
}

extern "C" void engram_graph_builder_close(engram_graph_builder *builder) { delete builder; }

extern "C" int engram_graph_builder_add(engram_graph_builder *builder, uint32_t passage) {
  try {
    builder->graph.addPoint(&passage, passage);
    return 0;
  } catch (const std::exception &) {
    return -1;
  }
}

extern "C" size_t engram_graph_builder_nodes(const engram_graph_builder *builder) {
  return builder->graph.cur_element_count;
}

extern "C" uint32_t engram_graph_builder_entry(const engram_graph_builder *builder) {
  return builder->graph.enterpoint_node_;
}

extern "C" uint32_t engram_graph_builder_passage(
  const engram_graph_builder *builder, uint32_t node) {
  return static_cast<uint32_t>(builder->graph.getExternalLabel(node));
}

extern "C" uint32_t engram_graph_builder_level(
  const engram_graph_builder *builder, uint32_t node) {
  return static_cast<uint32_t>(builder->graph.element_levels_[node]);
}

extern "C" void engram_graph_builder_links(
  const engram_graph_builder *builder, uint32_t node, uint32_t level, uint32_t *out) {
  const auto &graph = builder->graph;
  const size_t degree = level == 0 ? graph.maxM0_ : graph.maxM_;
  const uint32_t *links = graph.get_linklist_at_level(node, static_cast<int>(level));
  const size_t count = std::min<size_t>(graph.getListCount(const_cast<uint32_t *>(links)), degree);
  out[0] = static_cast<uint32_t>(count);
  std::copy_n(links + 1, count, out + 1);
  std::fill(out + 1 + count, out + 1 + degree, 0u);
}
