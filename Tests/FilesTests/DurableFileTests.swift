import Files
import Foundation
import Testing

@Suite struct DurableFileTests {
  let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "/files-\(UUID().uuidString)"
    try DurableFile.createFolder(folder + "/deep/er")
  }

  @Test func writtenBytesAreReadBack() throws {
    defer { try? DurableFile.remove(folder) }
    let path = folder + "/deep/er/file"
    try DurableFile.write("first", to: path)
    try DurableFile.write("second", to: path)
    #expect(try DurableFile.read(path) == Array("second".utf8))
    #expect(try DurableFile.names(in: folder + "/deep/er") == ["file"])
    #expect(DurableFile.size(of: path) == 6)
  }

  @Test func foldersAreExchangedAtOnce() throws {
    defer { try? DurableFile.remove(folder) }
    try DurableFile.createFolder(folder + "/other")
    try DurableFile.write("old", to: folder + "/deep/file")
    try DurableFile.write("new", to: folder + "/other/file")
    // Where the file system cannot, nothing changes.
    let can = try DurableFile.exchange(folder + "/other", with: folder + "/deep")
    #expect(try DurableFile.read(folder + "/deep/file") == Array((can ? "new" : "old").utf8))
    #expect(try DurableFile.read(folder + "/other/file") == Array((can ? "old" : "new").utf8))
    #expect(throws: FileError.self) {
      try DurableFile.exchange(folder + "/nowhere", with: folder + "/deep")
    }
  }

  @Test func mappedFileShowsTheBytes() throws {
    defer { try? DurableFile.remove(folder) }
    let path = folder + "/mapped"
    try DurableFile.write(String(repeating: "x", count: 10_000), to: path)
    let file = try MappedFile(path: path, access: .random)
    #expect(file.count == 10_000)
    #expect(file.bytes.allSatisfy { $0 == UInt8(ascii: "x") })
    file.release(0..<10_000)
    #expect(file.bytes[9_999] == UInt8(ascii: "x"))
  }

  @Test func emptyFileHasNoBytes() throws {
    defer { try? DurableFile.remove(folder) }
    try DurableFile.write("", to: folder + "/empty")
    #expect(try MappedFile(path: folder + "/empty").bytes.isEmpty)
  }

  @Test func durableFoldersAreMadeWithThoseAboveThem() throws {
    defer { try? DurableFile.remove(folder) }
    for path in [folder + "/durable/deep/er", folder + "/durable/deep/er/", folder + "/durable"] {
      try DurableFile.createDurableFolder(path)
      #expect(DurableFile.isFolder(path))
    }
    try DurableFile.write("x", to: folder + "/durable/file")
    #expect(throws: FileError.self) {
      try DurableFile.createDurableFolder(folder + "/durable/file/below")
    }
  }

  @Test func errorsNamePathAndReason() {
    defer { try? DurableFile.remove(folder) }
    #expect {
      try MappedFile(path: folder + "/missing")
    } throws: { "\($0)".contains("/missing: No such file") }
    #expect {
      try MappedFile(path: folder)
    } throws: { "\($0)".contains("Is a directory") }
    #expect {
      try DurableFile.write("x", to: "/dev/full/x")
    } throws: { ($0 as? FileError)?.code == ENOTDIR }
    #expect(throws: FileError(operation: "write", path: "/dev/full", code: ENOSPC)) {
      let writer = try FileWriter(creating: "/dev/full")
      try [UInt8](repeating: 1, count: 10).withUnsafeBytes { try writer.append($0) }
    }
  }

  @Test func anErrorIsOneLineWhateverTheNameIs() {
    let error = FileError(operation: "open", path: "/a\nb\u{1B}[31m\u{2028}é", code: ENOENT)
    #expect(
      error.description
        == "cannot open /a\\u{a}b\\u{1b}[31m\\u{2028}é: No such file or directory")
  }
}
