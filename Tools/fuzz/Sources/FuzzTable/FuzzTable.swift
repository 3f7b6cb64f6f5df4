import Files
import Foundation
import FuzzDriver

@testable import MemoryTables

/// Edits the manifest, the page directory and the pages of a good table as the fuzzer's bytes say,
/// makes their checksums match, and reads all rows. What is read is right, or refused in one line.
///
/// The first byte says what is made to match: the manifest's identity (1), the directory's identity
/// and checksum (2), the sums of the table files' ends (4). Five bytes are an edit: a file, a place in it
/// (2 bytes, little-endian, modulo its size), what is done there, and a byte to do it with.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTable(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let script = Array(UnsafeBufferPointer(start: start, count: count))
  guard let choices = script.first else { return 0 }
  var files = TableSeed.files
  for edit in stride(from: 1, to: min((script.count - 1) / 5, 64) * 5, by: 5) {
    apply(script[edit..<edit + 5], to: &files)
  }
  do {
    let manifest = try write(files, choices)
    var published = TableSeed.published
    if let manifest { published.identity = manifest.identity }
    let table = try Table(
      published: published, folder: folder, access: .mapped, verification: .always)
    mustBeOneLine { try read(table) }
    mustBeOneLine { _ = table.pages?.location(of: 0) }
  } catch {
    check(error)
  }
  return 0
}

/// In memory: a table is read by its path.
private let folder: String = {
  let path = "/dev/shm/engram-fuzz-table-\(getpid())"
  try? DurableFile.remove(path)
  try? DurableFile.createFolder(path)
  try? DurableFile.createFolder(path + "/db")
  return path
}()

private func apply(_ edit: ArraySlice<UInt8>, to files: inout [TableSeed.File]) {
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

/// Writes the files; returns the manifest where it still is one.
private func write(_ files: [TableSeed.File], _ choices: UInt8) throws -> TableManifest? {
  var files = files
  var manifest = try? JSONDecoder().decode(TableManifest.self, from: Data(files[0].bytes))
  if choices & 1 != 0, let identity = try manifest?.computedIdentity() {
    manifest?.identity = identity
    files[0].bytes = try manifest?.canonicalJSON() ?? files[0].bytes
  }
  for file in files.dropFirst(2) { try put(file) }
  if choices & 4 != 0 { TableSeed.matchEnds(&files[1].bytes, files.dropFirst(2), in: folder) }
  if choices & 2 != 0, let manifest { TableSeed.matchDirectory(&files[1].bytes, manifest) }
  for file in files.prefix(2) { try put(file) }
  return manifest
}

private func put(_ file: TableSeed.File) throws {
  let descriptor = open(folder + "/" + file.name, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  guard descriptor >= 0 else { throw FileError("open", file.name) }
  defer { close(descriptor) }
  let count = file.bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
  precondition(count == file.bytes.count)
}

private func read(_ table: Table) throws {
  let rows = table.manifest.rows
  let width = table.manifest.rowBytes
  // A shape that was edited makes other rows: they match no checksum, or there are none.
  let numbers = [0, 1, rows / 2, rows - 1] + (0..<min(rows, TableSeed.rows))
  for number in numbers where number < rows {
    mustBeOneLine {
      let found = try table.gather([Int64(number)])
      precondition(found.count == width, "a row of another width")
      precondition(
        number < TableSeed.rows && found == TableSeed.row(number), "row \(number) is wrong")
      _ = try table.gatherFloats([Int64(number)])
    }
  }
  _ = try? table.gather((0..<Int64(min(rows, TableSeed.rows))).map { $0 })
}

private func mustBeOneLine(_ body: () throws -> Void) {
  do { try body() } catch { check(error) }
}

private func check(_ error: any Error) {
  precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
}

/// The program's entry.
@_cdecl("FuzzTable_main")
public func fuzzTableMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzTable)
}
