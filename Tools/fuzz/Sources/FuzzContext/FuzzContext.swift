import Files
import Foundation
import FuzzDriver

@testable import ContextStore

/// Edits the files of a good context store as the fuzzer's bytes say, makes their checksums match, and
/// opens it: for reading, then for writing. Whatever is served is right, what is put is there, and what
/// is wrong is told in one line.
///
/// The first byte says which sums are made to match: of heads of segments (1), of heads of frames (2), of
/// lists (4), of dead blocks, pins and recency (8), of the state file (16). Five bytes are an edit: a
/// file, a place in it (2 bytes, little-endian, modulo its size), what is done there, and a byte to do
/// it with.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzContext(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let script = Array(UnsafeBufferPointer(start: start, count: count))
  guard let choices = script.first else { return 0 }
  var files = ContextSeed.files
  for edit in stride(from: 1, to: min((script.count - 1) / 5, 64) * 5, by: 5) {
    apply(script[edit..<edit + 5], to: &files)
  }
  ContextSeed.match(&files, choices)
  for file in files {
    let name = folder + "/" + file.name
    let descriptor = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    precondition(descriptor >= 0)
    let count = file.bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    precondition(count == file.bytes.count)
    close(descriptor)
  }
  mustBeOneLine { try use(.reading) }
  mustBeOneLine { try use(.writing) }
  // What a writer made is no file of the next input.
  let kept = Set(files.map(\.name))
  for part in ["", "segments/"] {
    for name in (try? DurableFile.names(in: folder + "/" + part)) ?? []
    where name != "segments" && !kept.contains(part + name) {
      unlink(folder + "/" + part + name)
    }
  }
  return 0
}

/// In memory: a store is read by its path.
private let folder: String = {
  let path = "/dev/shm/engram-fuzz-context-\(getpid())"
  try? DurableFile.remove(path)
  try? DurableFile.createFolder(path)
  try? DurableFile.createFolder(path + "/segments")
  return path
}()

private func apply(_ edit: ArraySlice<UInt8>, to files: inout [ContextSeed.File]) {
  let edit = Array(edit)
  let file = Int(edit[0]) % files.count
  let size = files[file].bytes.count
  let place = (Int(edit[1]) | Int(edit[2]) << 8) % (size + 1)
  switch edit[3] % 5 {
  case 0 where place < size: files[file].bytes[place] = edit[4]
  case 1 where place < size: files[file].bytes[place] ^= 1 << (edit[4] & 7)
  case 2 where place < size: files[file].bytes.remove(at: place)
  case 3: files[file].bytes.insert(edit[4], at: place)
  case 4: files[file].bytes.removeSubrange(place...)
  default: break
  }
}

private func use(_ mode: ContextStore.Mode) throws {
  let store = try ContextStore(
    path: folder, mode: mode,
    options: .init(
      capacityBytes: mode == .writing ? ContextSeed.capacity : nil,
      segmentBytes: mode == .writing ? ContextSeed.segment : nil,
      log: { precondition(!$0.isEmpty && !$0.contains("\n"), "not one line") }))
  defer { store.close() }
  for line in store.verify().damaged {
    precondition(!line.isEmpty && !line.contains("\n"), "not one line")
  }
  _ = store.statistics
  let space = try store.space(ContextSeed.namespace)
  for prompt in 0..<ContextSeed.prompts {
    _ = try ContextSeed.check(space, prompt)
  }
  guard mode == .writing else { return }
  let put = try ContextSeed.put(space, ContextSeed.prompts, durable: true)
  let found = try ContextSeed.check(space, ContextSeed.prompts)
  precondition(put.refused > 0 || found == ContextSeed.blocks, "what was put is not there")
}

private func mustBeOneLine(_ body: () throws -> Void) {
  do { try body() } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
  }
}

/// The program's entry.
@_cdecl("FuzzContext_main")
public func fuzzContextMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzContext)
}
