import Files
import Foundation
import FuzzDriver
import Questions

@testable import MetadataColumns
@testable import PassageIndex
@testable import Storage

/// Edits the files of a good segment as the fuzzer's bytes say, makes their checksums match, and does
/// everything with the segment that can be done with one.
///
/// Five bytes are an edit: a file, a place in it (2 bytes, little-endian, modulo its size), what is
/// done there, and a byte to do it with.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSegment(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  var files = SegmentSeed.files
  let script = Array(UnsafeBufferPointer(start: start, count: count))
  for edit in stride(from: 0, to: min(script.count / 5, 64) * 5, by: 5) {
    apply(script[edit..<edit + 5], to: &files)
  }
  do {
    try write(files)
    let segment = try Segment(folder: folder, id: SegmentSeed.id)
    mustBeOneLine { _ = try segment.checkPostings { _ in } }
    mustBeOneLine { try search(segment) }
    mustBeOneLine { _ = try segment.passages(holding: SegmentSeed.terms.prefix(2).map(\.self)) }
    mustBeOneLine { try read(segment) }
    mustBeOneLine { try merge(segment) }
  } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
  }
  return 0
}

/// In memory: a segment is read by its path.
private let folder: String = {
  let path = "/dev/shm/engram-fuzz-segment-\(getpid())"
  try? DurableFile.remove(path)
  try? DurableFile.createFolder(path)
  return path
}()

private func apply(_ edit: ArraySlice<UInt8>, to files: inout [[UInt8]]) {
  let edit = Array(edit)
  let file = Int(edit[0]) % files.count
  let size = files[file].count
  let place = (Int(edit[1]) | Int(edit[2]) << 8) % (size + 1)
  switch edit[3] % 5 {
  case 0 where place < size: files[file][place] = edit[4]
  case 1 where place < size: files[file][place] ^= 1 << (edit[4] & 7)
  case 2 where place < size: files[file].remove(at: place)
  case 3: files[file].insert(edit[4], at: place)
  case 4: files[file].removeSubrange(place...)
  default: break
  }
}

private func write(_ files: [[UInt8]]) throws {
  for (name, bytes) in zip(SegmentFile.all, files) {
    let path = folder + "/" + name
    try? DurableFile.remove(path)
    if name == SegmentFile.description {
      try bytes.withUnsafeBytes { try DurableFile.write($0, to: path) }
    } else {
      let writer = try CheckedFileWriter(
        creating: path, salt: SegmentFile.salt(SegmentSeed.id, name))
      try writer.append(bytes)
      try writer.finish()
    }
  }
}

private func search(_ segment: Segment) throws {
  let terms = try SegmentSeed.terms.enumerated().compactMap { slot, term in
    try segment.entry(of: term).map {
      SegmentSearch.Term(
        slot: slot, entry: $0,
        score: TermScore(weight: Double(1000 * (slot + 1)), k1: 1.2, b: 0.75, averageLength: 6))
    }
  }
  var top = TopPassages(limit: 5)
  try SegmentSearch(segment, terms: terms, allowed: nil, window: 64).search(into: &top) {
    passage, score in
    let document = segment.document(ofPassage: passage)
    return .init(
      score: score, collection: 0, sample: UInt32(document), ordinal: 0, segment: 0,
      passage: passage)
  }
  for entry in top.entries {
    _ = try segment.range(ofPassage: entry.passage)
    for term in terms { _ = try segment.frequency(of: term.entry, inPassage: entry.passage) }
  }
}

private func read(_ segment: Segment) throws {
  for condition in ["id=d1*", "n>=2", "n!=1", "lang=zh"] {
    _ = try segment.metadata.documents(matching: [Condition(parsing: condition)])
  }
  for document in 0..<segment.description.documents {
    for field in ["id", "n", "lang"] {
      _ = try segment.metadata.values(of: field, document: document)
    }
  }
}

private func merge(_ segment: Segment) throws {
  let target = folder + "-merged"
  try? DurableFile.remove(target)
  try DurableFile.createFolder(target)
  _ = try SegmentMerger([.init(segment), .init(segment)]).write(to: target, id: "merged")
  _ = try Segment(folder: target, id: "merged")
}

private func mustBeOneLine(_ body: () throws -> Void) {
  do { try body() } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
  }
}

/// The program's entry.
@_cdecl("FuzzSegment_main")
public func fuzzSegmentMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzSegment)
}
