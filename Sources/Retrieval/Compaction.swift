import Bitsets
import PassageIndex
import Storage

/// Makes one segment of several where that pays: where much of a segment is gone, and where there are
/// many small ones.
struct Compaction {
  let work: IndexWork

  /// A segment is written anew when less than this share of its passages is left.
  static let leastShare = 0.5
  /// More segments than this are merged, the smallest first.
  static let segments = 8

  /// The parts that an index should have.
  func run(_ parts: [IndexWork.Part]) throws -> [IndexWork.Part] {
    var kept = parts
    var wasted = kept.filter { part in
      part.baseNumber != nil
        && Double(part.passages) < Self.leastShare * Double(part.segment.description.passages)
    }
    if !wasted.isEmpty {
      let ids = Set(wasted.map(\.segment.description.id))
      kept.removeAll { ids.contains($0.segment.description.id) }
      // What is merged anyway takes the small new ones along.
      let small = kept.filter { $0.baseNumber == nil && $0.passages < 1 << 16 }
      let smallIds = Set(small.map(\.segment.description.id))
      kept.removeAll { smallIds.contains($0.segment.description.id) }
      wasted += small
      kept.append(try merge(wasted))
    }
    while kept.count > Self.segments {
      kept.sort { $0.passages > $1.passages }
      let count = kept.count / 2
      let smallest = Array(kept.suffix(count))
      guard smallest.reduce(0, { $0 + $1.passages }) <= SegmentLimits.passages else { break }
      kept.removeLast(count)
      kept.append(try merge(smallest))
    }
    return kept
  }

  private func merge(_ parts: [IndexWork.Part]) throws -> IndexWork.Part {
    let ticker = try ProgressTicker(
      .merging, total: parts.reduce(0) { $0 + $1.segment.description.terms },
      report: work.builder.progress)
    return try merge(parts) { try ticker.advance(by: $0) }
  }

  /// One part of several; new ones among them are removed.
  ///
  /// - Parameter advance: called with terms that were merged.
  func merge(
    _ parts: [IndexWork.Part], advance: (Int) throws -> Void
  ) throws -> IndexWork.Part {
    let merger = try SegmentMerger(
      parts.map { part in
        .init(part.segment, alive: part.alive == part.samples.count ? nil : part.aliveDocuments)
      })
    let (id, path) = try work.newFolder()
    _ = try merger.write(to: path, id: id, advance: advance)
    for part in parts where part.baseNumber == nil { work.discard(part.segment.description.id) }
    return IndexWork.Part(
      segment: try Segment(folder: path, id: id),
      samples: parts.flatMap { part in part.samples.filter { $0 != SampleMatching.none } },
      baseNumber: nil)
  }
}

extension IndexWork.Part {
  /// Passages of documents that are there.
  var passages: Int {
    samples.indices.reduce(0) { total, document in
      isAlive(document) ? total + segment.passages(ofDocument: document).count : total
    }
  }
}
