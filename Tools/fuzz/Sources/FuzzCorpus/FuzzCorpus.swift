import Foundation
import Samples

@testable import Corpora

/// Reads bytes as a source of samples. Every batch is whole, every bad record one line; anything
/// else is a crash to be found.
public enum CorpusFuzz {
  private static let path = NSTemporaryDirectory() + "engram-fuzz-\(getpid())"

  /// Reads a file of these bytes.
  public static func read(_ bytes: UnsafeRawBufferPointer, format: CorpusFormat, kind: SampleKind) {
    write(bytes, path)
    read(CorpusUnit(path: path, name: "fuzz", format: format), kind)
  }

  /// Reads a folder of shards: the index, two NULs, the bytes of every shard that it names.
  public static func readFolder(_ bytes: UnsafeRawBufferPointer) {
    let cut = bytes.indices.first { index in
      index + 1 < bytes.count && bytes[index] == 0 && bytes[index + 1] == 0
    }
    let end = cut ?? bytes.count
    let folder = path + ".d"
    mkdir(folder, 0o777)
    write(UnsafeRawBufferPointer(rebasing: bytes[..<end]), folder + "/index.json")
    let rest = UnsafeRawBufferPointer(rebasing: bytes[min(end + 2, bytes.count)...])
    write(rest, folder + "/shard.00000.mds")
    let unit = CorpusUnit(path: folder, name: "fuzz", format: .mds)
    for kind in SampleKind.allCases { read(unit, kind) }
  }

  /// Reads a file of these bytes as documents: whole, from the middle, and a file of lines in small
  /// parts too. All give the same samples and the same bad records.
  public static func readText(_ bytes: UnsafeRawBufferPointer, format: CorpusFormat) {
    write(bytes, path)
    var unit = CorpusUnit(path: path, name: "fuzz", format: format)
    unit.size = bytes.count
    var options = CorpusOptions()
    options.recordLimit = 1 << 10
    let whole = documents([unit], options)
    for sample in whole.samples { checkText(sample) }
    for places in [whole.places.indices.suffix(1), whole.places.indices.prefix(1)] {
      guard let index = places.first else { continue }
      let rest = documents([unit], options, from: whole.places[index])
      precondition(rest.samples == Array(whole.samples[(index + 1)...]), "resumed, it differs")
    }
    let parts = LineCounts.parts(of: unit, bytes: 48)
    guard parts.count > 1 else { return }
    let together = documents(parts, options)
    precondition(together.samples == whole.samples, "in parts, it differs")
    precondition(together.bad == whole.bad, "in parts, what is bad differs")
  }

  private static func documents(
    _ units: [CorpusUnit], _ options: CorpusOptions, from position: CorpusPosition = .init()
  ) -> (samples: [[UInt8]], places: [CorpusPosition], bad: [BadRecord]) {
    var found: (samples: [[UInt8]], places: [CorpusPosition], bad: [BadRecord]) = ([], [], [])
    for unit in units {
      guard let reader = try? unit.makeReader(from: position, options: options, kind: .document)
      else { preconditionFailure("a wrong file is a bad record, no error") }
      while let batch = try? reader.nextBatch(bytes: 4096) {
        precondition(batch.bytes.count == batch.ends.last ?? 0, "bytes that belong to no sample")
        precondition(batch.ends.count == batch.positions.count, "a sample without a position")
        let starts = [0] + batch.ends
        found.samples += zip(starts, batch.ends).map { Array(batch.bytes[$0..<$1]) }
        found.places += batch.positions
        found.bad += batch.bad
      }
    }
    for bad in found.bad {
      precondition(!bad.reason.isEmpty && !"\(bad)".contains("\n"), "not one line")
    }
    return found
  }

  /// A document of text in UTF-8, with an object as metadata.
  private static func checkText(_ sample: [UInt8]) {
    guard let parts = sample.withUnsafeBytes({ try? DocumentSample($0) }) else {
      preconditionFailure("no document")
    }
    precondition(String(validating: sample[parts.text], as: UTF8.self) != nil, "no text")
    let metadata = try? JSONSerialization.jsonObject(with: Data(sample[parts.metadata]))
    precondition(metadata is [String: Any], "no metadata")
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, _ path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(file >= 0 && Foundation.write(file, bytes.baseAddress, bytes.count) == bytes.count)
    close(file)
  }

  private static func read(_ unit: CorpusUnit, _ kind: SampleKind) {
    var options = CorpusOptions()
    options.kind = kind
    options.recordLimit = 1 << 20
    guard let found = try? BinaryCorpora.units(for: unit, options: options),
      let reader = try? BinaryCorpora.makeReader(
        for: found.units[0], from: CorpusPosition(), options: options, tokens: found.tokens,
        kind: kind)
    else { preconditionFailure("a wrong file is a bad record, no error") }
    while let batch = try? reader.nextBatch(bytes: 4096) {
      precondition(batch.bytes.count == batch.ends.last ?? 0, "bytes that belong to no sample")
      precondition(batch.ends.count == batch.positions.count, "a sample without a position")
      var start = 0
      for end in batch.ends {
        precondition(end >= start, "a sample that ends before it starts")
        check(Array(batch.bytes[start..<end]), kind, found.tokens)
        start = end
      }
      for bad in batch.bad {
        precondition(!bad.reason.isEmpty && !"\(bad)".contains("\n"), "not one line")
      }
    }
  }

  private static func check(_ sample: [UInt8], _ kind: SampleKind, _ tokens: TokenLayout?) {
    sample.withUnsafeBytes { bytes in
      switch kind {
      case .document: precondition((try? DocumentSample(bytes)) != nil, "no document")
      case .tokens:
        let layout = tokens ?? TokenLayout(width: 4)
        precondition((try? layout.parts(of: bytes)) != nil, "no tokens")
      case .bytes: break
      }
    }
  }
}
