import CKernels
import Files
import Foundation

/// The file `recency`: how recently the blocks of each segment were asked for, one figure a segment. It
/// is written without a flush: where it is lost, all segments are of the same age.
enum RecencyFile {
  private static let magic: UInt64 = 0x3143_4552_4D52_474E  // "NGRMREC1"
  private static let recordBytes = 32

  static func path(_ folder: String) -> String { folder + "/recency" }

  /// Writes it; failing does no harm.
  static func write(_ state: StoreState, to folder: String) {
    var bytes: [UInt8] = []
    bytes.append(number: magic)
    bytes.append(number: state.tick)
    for segment in state.segments {
      guard let segment, !segment.uses.isEmpty else { continue }
      var ticks: UInt64 = 0
      var reach: UInt32 = 0
      for use in segment.uses {
        ticks &+= use.tick
        reach = max(reach, use.reach)
      }
      for value in [segment.header.number, segment.header.salt] { bytes.append(number: value) }
      bytes.append(number: ticks / UInt64(segment.uses.count))
      bytes.append(number: UInt64(reach))
    }
    bytes.append(number: bytes.withUnsafeBytes { engram_crc32c(0, $0.baseAddress, $0.count) })
    let temporary = path(folder) + ".new"
    guard let file = fopen(temporary, "w") else { return }
    let written = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    if fclose(file) == 0, written == bytes.count {
      Foundation.rename(temporary, path(folder))
    } else {
      unlink(temporary)
    }
  }

  /// The tick, and the use of each segment by its salt; nothing where there is none or it is damaged.
  static func read(_ folder: String) -> (tick: UInt64, uses: [UInt64: Segment.Use]) {
    guard let bytes = try? DurableFile.read(path(folder), limit: 1 << 28) else { return (1, [:]) }
    return bytes.withUnsafeBytes { bytes in
      guard bytes.count >= 20, (bytes.count - 20) % recordBytes == 0, bytes.number(at: 0) == magic,
        bytes.number(at: bytes.count - 4)
          == engram_crc32c(0, bytes.baseAddress, bytes.count - 4)
      else { return (1, [:]) }
      let tick: UInt64 = bytes.number(at: 8)
      // Nobody counts as far; what goes on from here has to have room.
      guard tick < 1 << 62 else { return (1, [:]) }
      var uses: [UInt64: Segment.Use] = [:]
      for at in stride(from: 16, to: bytes.count - 4, by: recordBytes) {
        uses[bytes.number(at: at + 8)] = Segment.Use(
          tick: min(tick, bytes.number(at: at + 16)),
          reach: UInt32(clamping: bytes.number(at: at + 24, as: UInt64.self)))
      }
      return (tick, uses)
    }
  }
}
