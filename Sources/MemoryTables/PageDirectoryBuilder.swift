import Digests
import Files
import Foundation
import Storage

/// Finds out where RocksDB keeps each page: asks for it by key with mapped reads and looks where
/// the returned bytes lie.
enum PageDirectoryBuilder {
  /// - Returns: the directory, or `nil` where some page is not a mapped file's bytes (a
  ///   compressed block, say): then only copying reads work.
  /// - Complexity: one RocksDB read a page, a few microseconds each when the files are cached.
  static func build(folder: String, manifest: TableManifest) throws -> PageDirectory? {
    let database = try Table.openDatabase(folder)
    let path = folder + "/db"
    let names = try DurableFile.names(in: path).filter { $0.hasSuffix(".sst") }
    guard names.count < 1 << 16 else { return nil }
    let mappings = try SystemMappings.files(under: path)
    var entries = [UInt64](repeating: UInt64.max, count: manifest.pages)
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    var last: SystemMappings.Mapping?
    for page in 0..<manifest.pages {
      let rows = min(manifest.rowsPerPage, manifest.rows - page * manifest.rowsPerPage)
      let place = try database.withValue(
        of: PageLayout.key(page: page), verifyingChecksums: false
      ) { bytes -> PagePlace in
        guard let bytes, let base = bytes.baseAddress else { return .absent }
        guard bytes.count == rows * manifest.slotStride else { return .wrongSize(bytes.count) }
        let address = UInt(bitPattern: base)
        if let last, last.contains(address) { return .mapped(last, last.offset(of: address)) }
        guard let mapping = mappings.first(where: { $0.contains(address) }) else {
          return .elsewhere
        }
        return .mapped(mapping, mapping.offset(of: address))
      }
      switch place {
      case .absent: continue
      case .elsewhere: return nil
      case .wrongSize(let count):
        throw TableError.corruptFile(
          path: path, reason: "page \(page) has \(count) bytes for \(rows) rows")
      case .mapped(let mapping, let offset):
        guard let number = numbers[mapping.name], offset < 1 << 48 else { return nil }
        entries[page] = UInt64(number) << 48 | UInt64(offset)
        last = mapping
      }
    }
    let files = try names.map { name in
      let file = try MappedFile(path: path + "/" + name)
      return PageDirectory.File(
        name: name, size: file.count, tailChecksum: PageDirectory.tailChecksum(of: file))
    }
    guard let identity = SHA256Digest(hexadecimal: manifest.identity) else { return nil }
    return PageDirectory(files: files, entries: entries, identity: identity)
  }

  private enum PagePlace {
    case absent
    case elsewhere
    case wrongSize(Int)
    case mapped(SystemMappings.Mapping, Int)
  }
}

/// Which files this process has mapped where, as the system lists them.
enum SystemMappings {
  struct Mapping {
    var addresses: Range<UInt>
    var fileOffset: Int
    var name: String

    func contains(_ address: UInt) -> Bool { addresses.contains(address) }

    func offset(of address: UInt) -> Int { Int(address - addresses.lowerBound) + fileOffset }
  }

  /// Mappings of files that lie directly in `folder`.
  static func files(under folder: String) throws -> [Mapping] {
    guard let real = realpath(folder, nil) else { throw FileError("resolve", folder) }
    defer { free(real) }
    let prefix = String(cString: real) + "/"
    guard let stream = fopen("/proc/self/maps", "r") else {
      throw FileError("open", "/proc/self/maps")
    }
    defer { fclose(stream) }
    var line: UnsafeMutablePointer<CChar>?
    var capacity = 0
    defer { free(line) }
    var mappings: [Mapping] = []
    while getline(&line, &capacity, stream) > 0, let line {
      // "7f00-7f10 r--s 00000000 fe:00 1234   /folder/000008.sst"
      let text = String(cString: line)
      guard let start = text.range(of: prefix) else { continue }
      let name = text[start.upperBound...].prefix { !$0.isNewline }
      let fields = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
      let bounds = fields[0].split(separator: "-")
      guard !name.contains("/"), fields.count > 3, bounds.count == 2,
        let lower = UInt(bounds[0], radix: 16), let upper = UInt(bounds[1], radix: 16),
        let offset = Int(fields[2], radix: 16)
      else { continue }
      mappings.append(
        Mapping(addresses: lower..<upper, fileOffset: offset, name: String(name)))
    }
    return mappings
  }
}
