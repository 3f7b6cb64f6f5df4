import Bitsets
import PassageIndex
import Storage

/// Writes what an index version says about its segments: which samples their documents are, and what
/// its terms lost with documents that are gone.
struct IndexVersionWriter {
  let work: IndexWork
  let folder: String

  /// The file with all segments' sample numbers, one segment after another.
  static let samples = "samples"

  /// The file with a segment's lost postings.
  static func lost(_ segment: Int) -> String { "lost-\(segment)" }

  /// What a file's checksums begin with: segments and dataset tell versions apart.
  static func salt(dataset: String, version: Int, file: String) -> String {
    "index/\(dataset)@\(version)/\(file)"
  }

  /// Writes the files.
  func write(_ parts: [IndexWork.Part]) throws -> IndexManifest {
    let manifest = work.dataset.manifest
    func writer(_ name: String) throws -> CheckedFileWriter {
      try CheckedFileWriter(
        creating: folder + "/" + name,
        salt: Self.salt(dataset: manifest.name, version: manifest.version, file: name))
    }
    let samples = try writer(Self.samples)
    for part in parts {
      try part.samples.withUnsafeBytes { try samples.append($0) }
    }
    try samples.finish()
    let changed = parts.filter { $0.alive < $0.samples.count }
    let ticker = try ProgressTicker(
      .adjusting, total: changed.reduce(0) { $0 + $1.segment.description.terms },
      report: work.builder.progress)
    let lost = try Workers.map(parts.count, threads: work.builder.resources.threads) { number, _ in
      let passages = parts[number].lostPassages
      return passages.population == 0
        ? LostPostings()
        : try LostPostings(of: parts[number].segment, passages: passages) {
          try ticker.advance(by: $0)
        }
    }
    for (number, lost) in lost.enumerated() {
      let file = try writer(Self.lost(number))
      try file.append(lost.bytes)
      try file.finish()
    }
    let described = parts.map(describe)
    return IndexManifest(
      format: IndexManifest.formatVersion, dataset: manifest.name, version: manifest.version,
      datasetIdentity: manifest.identity, options: work.builder.options, segments: described,
      vectors: nil, documents: described.reduce(0) { $0 + $1.alive },
      passages: described.reduce(0) { $0 + $1.alivePassages },
      words: described.reduce(0) { $0 + $1.aliveWords },
      textBytes: parts.reduce(0) { total, part in
        part.samples.indices.reduce(total) {
          part.isAlive($1) ? $0 + part.segment.textBytes(ofDocument: $1) : $0
        }
      })
  }

  private func describe(_ part: IndexWork.Part) -> IndexManifest.SegmentPart {
    var passages = 0
    var words = 0
    for document in part.samples.indices where part.isAlive(document) {
      for passage in part.segment.passages(ofDocument: document) {
        passages += 1
        words += part.segment.length(ofPassage: passage)
      }
    }
    return IndexManifest.SegmentPart(
      id: part.segment.description.id, vectors: nil, documents: part.samples.count,
      alive: part.alive, passages: part.segment.description.passages, alivePassages: passages,
      aliveWords: words)
  }
}
