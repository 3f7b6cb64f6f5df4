import Foundation

/// An open shard: where its samples are.
///
/// The file: the number of samples (4 bytes, little-endian), where each starts and where the last
/// one ends (4 bytes each), the writer's configuration as JSON, the samples.
final class MDSShard {
  let bytes: ForwardBytes
  private let offsets: [UInt8]
  private let size: Int

  /// Opens a shard and checks its sizes: the file's against the index, the places against the file.
  init(_ shard: MDSIndex.Shard, folder: String, limit: Int) throws {
    let raw = folder + "/" + shard.name
    if shard.compression == .none || access(raw, F_OK) == 0 {
      bytes = try ForwardBytes(path: raw, compression: .none)
      guard bytes.count == shard.bytes else {
        throw BinaryFault(
          "its shard \(shard.name) has \(bytes.count ?? 0) bytes, index.json says \(shard.bytes); "
            + "copy it again")
      }
    } else {
      let path = folder + "/" + (shard.zipName ?? "")
      let found = try RegularFile(path: path).count
      guard found == shard.zipBytes else {
        throw BinaryFault(
          "its shard \(shard.zipName ?? "") has \(found) bytes, index.json says "
            + "\(shard.zipBytes); copy it again")
      }
      bytes = try ForwardBytes(path: path, compression: shard.compression)
    }
    size = shard.bytes
    let count = Int(try bytes.take(4, of: "its shard \(shard.name)").number(UInt32.self, at: 0))
    guard count == shard.samples.count else {
      throw BinaryFault(
        "its shard \(shard.name) has \(count) samples, index.json says \(shard.samples.count)")
    }
    guard 4 * (count + 2) <= (bytes.count ?? min(limit, size)) else {
      throw BinaryFault("its shard \(shard.name) has no room for \(count) samples")
    }
    offsets = try bytes.take(4 * (count + 1), of: "its shard \(shard.name)")
    var last = 4 * (count + 2)
    for index in 0...count {
      let place = Int(offsets.number(UInt32.self, at: 4 * index))
      guard place >= last, place <= size, index < count || place == size else {
        throw BinaryFault(
          "its shard \(shard.name) has sample \(index) at byte \(place), which is no place for it")
      }
      last = place
    }
  }

  /// Where a sample of the shard is.
  func range(_ index: Int) -> Range<Int> {
    let start = Int(offsets.number(UInt32.self, at: 4 * index))
    return start..<Int(offsets.number(UInt32.self, at: 4 * index + 4))
  }

  /// Whether a compressed shard ends where index.json says.
  func isAtEnd() throws -> Bool {
    try bytes.move(to: size)
    return try bytes.position == size && bytes.isAtEnd()
  }
}
