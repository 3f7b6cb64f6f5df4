import Compression
import Files
import Foundation
import TestCheckpoints
import Testing

@Suite struct SourceFileTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func write(_ bytes: [UInt8], _ name: String) throws -> String {
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: folder(name)) }
    return folder(name)
  }

  @Test(arguments: CompressionFormat.allCases)
  func readingStartsAnywhere(format: CompressionFormat) throws {
    let bytes = (0..<2_000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
    let path = try write(compressed(bytes, as: format), "a")
    for offset in [0, 1, 999, 2_000, 3_000] {
      let source = try SourceFile(path: path, compression: format, startingAt: offset)
      #expect(try source.readAll(limit: 2_000) == Array(bytes.dropFirst(offset)))
      try source.checkUnchanged()
    }
  }

  @Test func moreThanTheLimitIsRefused() throws {
    let path = try write([1, 2, 3], "a")
    #expect(try SourceFile(path: path).readAll(limit: 3) == [1, 2, 3])
    #expect(throws: CompressionError.tooLarge(path: "a", limit: 2)) {
      try SourceFile(path: path).readAll(limit: 2, path: "a")
    }
  }

  @Test func aFIFOIsRefusedAtOnce() throws {
    #expect(mkfifo(folder("fifo"), 0o600) == 0)
    #expect(throws: CompressionError.notAFile(path: folder("fifo"), kind: "a FIFO")) {
      try SourceFile(path: folder("fifo"))
    }
  }

  @Test func foldersDevicesAndSocketsAreRefused() throws {
    #expect(throws: CompressionError.notAFile(path: folder.path, kind: "a folder")) {
      try SourceFile(path: folder.path)
    }
    #expect(throws: CompressionError.notAFile(path: "/dev/zero", kind: "a device")) {
      try SourceFile(path: "/dev/zero")
    }
    let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: folder("s").utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    #expect(throws: CompressionError.notAFile(path: folder("s"), kind: "a socket")) {
      try SourceFile(path: folder("s"))
    }
  }

  @Test func aMissingFileIsNamed() throws {
    let error = #expect(throws: CompressionError.self) { try SourceFile(path: folder("none")) }
    #expect(error?.description.contains(folder("none")) == true)
  }

  @Test func aFileThatGrowsMeanwhileHasChanged() throws {
    let path = try write([1, 2, 3], "a")
    let source = try SourceFile(path: path)
    try source.checkUnchanged()
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: [4])
    #expect(throws: CompressionError.changed(path: path)) { try source.checkUnchanged() }
  }

  @Test func aFileWrittenOverInPlaceHasChanged() throws {
    let path = try write([1, 2, 3], "a")
    let source = try SourceFile(path: path)
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.write(contentsOf: [9])
    try handle.close()
    var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
    #expect(throws: CompressionError.changed(path: path)) { try source.checkUnchanged() }
  }
}

@Suite struct CompressionFormatTests {
  @Test(arguments: [
    ("a.txt", CompressionFormat.none, "a.txt"), ("a.jsonl.gz", .gzip, "a.jsonl"),
    ("a.ZST", .zstd, "a"), ("a.b.zstd", .zstd, "a.b"), ("a.tgz", .gzip, "a.tar"),
    ("a.tbz2", .bzip2, "a.tar"), ("a.csv.bz2", .bzip2, "a.csv"), ("x/a.lz4", .lz4, "x/a"),
    (".gz", .none, ".gz"), ("gz", .none, "gz"), ("x/.gz", .none, "x/.gz"), ("", .none, ""),
  ])
  func namesTellTheFormat(file: String, format: CompressionFormat, name: String) {
    #expect(CompressionFormat.of(fileName: file) == (format, name))
  }
}
