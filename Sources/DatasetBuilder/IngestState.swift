import ChunkStore
import Corpora
import Datasets
import Foundation

/// Where an ingest was in its sources: what a durable point of it keeps.
struct IngestState: Codable {
  /// The unit that was being read, by its place in the plan.
  var unit: Int
  /// The place in it.
  var position: CorpusPosition
  /// A digest over the units up to this one, with their sizes and times.
  var fingerprint: UInt64
  /// What was read, and how.
  var source: DatasetManifest.Source
  /// What was counted so far.
  var counts: IngestReport.Counts

  /// A digest for each unit, over it and all before it.
  static func fingerprints(of units: [CorpusUnit]) -> [UInt64] {
    var last: UInt64 = 0
    return units.map { unit in
      var bytes = Array("\(unit.path)\n\(unit.size)\n\(unit.modified)\n\(unit.format)\n".utf8)
      bytes.appendLittleEndian(last)
      if let part = unit.part { bytes += Array("\(part)".utf8) }
      last = bytes.withUnsafeBytes { SampleDigest.of($0) }
      return last
    }
  }
}
