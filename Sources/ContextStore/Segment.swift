import CKernels
import Files
import Foundation

/// One segment: a data file of frames, and what is known of its blocks.
///
/// Unchecked because its fields are only read and written under the store's lock, but for mapped bytes,
/// which never move and are never written once a block is in the index.
final class Segment: @unchecked Sendable {
  /// One block: 24 bytes.
  struct Entry {
    let fingerprint: UInt64
    /// The frame's offset in the data file, in units of `FrameHeader.alignment`.
    let frame: UInt32
    /// The header's offset among the records, in units of 8 bytes.
    let record: UInt32
    /// Its groups, a bit each.
    let mask: UInt32
    /// Bytes of the frame, in units of `FrameHeader.alignment`.
    let frameUnits: UInt32

    var offset: Int { Int(frame) * FrameHeader.alignment }
    var frameBytes: Int { Int(frameUnits) * FrameHeader.alignment }
    var recordOffset: Int { Int(record) * 8 }
  }

  /// How recently a block was asked for.
  struct Use {
    /// The store's tick when it was last found or put.
    var tick: UInt64
    /// Tokens of the longest prompt that went through it.
    var reach: UInt32
  }

  let header: SegmentHeader
  let folder: String
  var entries: ContiguousArray<Entry> = []
  var uses: ContiguousArray<Use> = []
  /// Blocks that are not served any more, by number.
  var dead: Set<UInt32> = []
  /// Bytes of the data file that frames take, its head included.
  var usedBytes = SegmentHeader.bytes
  /// Bytes of its files on the disk.
  var diskBytes = 0
  /// Bytes of its list of dead blocks.
  var deadBytes = 0
  var isSealed = false
  /// Blocks that were copied elsewhere because the segment has to go.
  var moved: Set<Int> = []
  /// Headers of the frames of a segment that is not sealed.
  var records: RecordBuffer?
  private var list: MappedFile?
  private var data: MappedFile?
  /// Set where its files cannot be read: nothing is served from it.
  var isLost = false

  /// Set when a damaged list was told of.
  private(set) var isListDamaged = false
  let log: @Sendable (String) -> Void

  init(header: SegmentHeader, folder: String, log: @escaping @Sendable (String) -> Void) {
    self.header = header
    self.folder = folder
    self.log = log
  }

  var number: Int { Int(header.number) }

  static func name(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 10 - digits.count)) + digits
  }

  var dataPath: String { folder + "/" + Self.name(number) + ".data" }
  var listPath: String { folder + "/" + Self.name(number) + ".blocks" }
  var deadPath: String { folder + "/" + Self.name(number) + ".dead" }

  /// The data file's bytes, mapped at the first call; `nil` where the file is not what it should be.
  func mappedData() -> UnsafeRawBufferPointer? {
    if let data { return data.bytes }
    guard !isLost, let file = try? MappedFile(path: dataPath, access: .random),
      file.count >= usedBytes, SegmentHeader(file.bytes) == header
    else {
      isLost = true
      return nil
    }
    data = file
    return file.bytes
  }

  /// The headers of its frames: in memory while it is active, mapped when it is sealed.
  func recordBytes() -> UnsafeRawBufferPointer? {
    if !isSealed { return records?.bytes }
    if let list { return list.bytes }
    guard let file = try? MappedFile(path: listPath), BlockList.isOf(header, file.bytes) else {
      return nil
    }
    list = file
    return file.bytes
  }

  /// The header of a frame, whole and of this place: the list's, or where that is damaged the data's;
  /// `nil` where both are.
  func frame(_ ordinal: Int) -> FrameView? {
    let entry = entries[ordinal]
    let salt = FrameHeader.salt(of: header, offset: entry.offset)
    if let bytes = recordBytes(), entry.recordOffset < bytes.count,
      let frame = FrameView(bytes.part(entry.recordOffset..<bytes.count), salt: salt)
    {
      return frame
    }
    if !isListDamaged {
      isListDamaged = true
      log("\(listPath) is damaged or missing; the data's own heads are read instead")
    }
    guard let data = mappedData(), entry.offset + entry.frameBytes <= usedBytes else { return nil }
    return FrameView(data.part(entry.offset..<(entry.offset + entry.frameBytes)), salt: salt)
  }

  func isLive(_ ordinal: Int) -> Bool { dead.isEmpty || !dead.contains(UInt32(ordinal)) }

  /// Bytes of blocks that are served.
  var liveBytes: Int {
    var bytes = 0
    for (ordinal, entry) in entries.enumerated() where isLive(ordinal) { bytes += entry.frameBytes }
    return bytes
  }

  /// Adds a block at the end.
  func add(_ view: FrameView, offset: Int, record: Int, use: Use) {
    entries.append(
      Entry(
        fingerprint: view.fingerprint, frame: UInt32(offset / FrameHeader.alignment),
        record: UInt32(record / 8), mask: view.mask,
        frameUnits: UInt32(view.frameBytes / FrameHeader.alignment)))
    uses.append(use)
  }

  /// Asks how large its files are.
  func measure() {
    deadBytes = DurableFile.size(of: deadPath) ?? 0
    diskBytes =
      roundUp(DurableFile.size(of: dataPath) ?? 0, to: 4096)
      + roundUp(DurableFile.size(of: listPath) ?? 0, to: 4096) + roundUp(deadBytes, to: 4096)
  }

  /// When its last block was put; `nil` where its list cannot be read.
  var newest: UInt64? {
    var newest: UInt64?
    if let last = entries.indices.last, let frame = frame(last) { newest = frame.created }
    return newest
  }

  /// Drops the blocks that are not to be kept; the segment is in no index meanwhile.
  func keep(where isKept: (Entry) -> Bool) {
    let kept = entries.indices.filter { isKept(entries[$0]) }
    let frames = Set(dead.map { entries[Int($0)].frame })
    entries = ContiguousArray(kept.map { entries[$0] })
    uses = ContiguousArray(kept.map { uses[$0] })
    dead = Set(entries.indices.filter { frames.contains(entries[$0].frame) }.map { UInt32($0) })
  }

  /// Takes its files out of the folder. Whoever has mapped them goes on reading.
  func unlinkFiles() {
    // The list first: a crash then leaves data that can be read without it, or a list of dead blocks
    // alone, which is no damage; a list without its data would look like data that was lost. The dead
    // blocks last: without them the data would serve what was cleared.
    // So where one cannot be removed, those behind it stay.
    for path in [listPath, dataPath, deadPath] {
      guard unlink(path) == 0 || errno == ENOENT else {
        return log(FileError("remove", path).description)
      }
    }
  }
}
