import CKernels

/// The head of a frame: a block, or some groups of it, in a segment (`Schemas/context-store.md`).
///
/// The same bytes stand before the frame's slots and in the segment's list of blocks.
struct FrameHeader {
  static let alignment = 64
  static let fixedBytes = 160
  static let groupBytes = 16
  private static let magic: UInt32 = 0x4643_4745  // "EGCF"
  /// What a header may take: 65,536 tokens and 32 groups.
  static let mostBytes = fixedBytes + 32 * groupBytes + 4 * 65_536

  /// A group's part: [layers, rows] slots of `rowBytes + 4`.
  struct Group: Hashable {
    let index: Int
    let layers: Int
    let rows: Int
    let rowBytes: Int

    var slotBytes: Int { rowBytes + 4 }
    var layerBytes: Int { rows * slotBytes }
    var bytes: Int { layers * layerBytes }
    /// What the upper half of a row's checksummed word says, of its first layer.
    var word: UInt64 { UInt64(index) << 56 }
  }

  /// The namespace's digest, the block's key, and its parent's: 32 bytes each.
  var namespace: [UInt8]
  var key: [UInt8]
  var parent: [UInt8]
  /// Token ids, 4 bytes each, or the caller's key, 32 bytes.
  var identity: [UInt8]
  /// The block's number in its prompt.
  var depth: Int
  /// When it was put, milliseconds since 1970 by the store's clock.
  var created: UInt64
  /// Bytes of the segment that were on the disk when this was written.
  var durable: Int
  var groups: [Group]

  /// The header's own bytes.
  var headerBytes: Int { Self.fixedBytes + groups.count * Self.groupBytes + identity.count }
  /// From the frame's first byte to its first slot.
  var payloadOffset: Int { roundUp(headerBytes, to: Self.alignment) }
  /// All of the frame.
  var frameBytes: Int {
    roundUp(payloadOffset + groups.reduce(0) { $0 + $1.bytes }, to: Self.alignment)
  }
  /// One bit a group that is there.
  var mask: UInt32 { groups.reduce(0) { $0 | 1 << UInt32($1.index) } }

  /// Where a group's slots begin, from the frame's first byte.
  func offset(of index: Int) -> Int? {
    var at = payloadOffset
    for group in groups {
      if group.index == index { return at }
      at += group.bytes
    }
    return nil
  }

  /// Where the checksums of a frame at this offset begin: no other frame of any segment has it.
  static func salt(of segment: SegmentHeader, offset: Int) -> UInt32 {
    var words = (segment.salt.littleEndian, UInt64(offset).littleEndian)
    return engram_crc32c(0, &words, 16)
  }

  /// The header's bytes in a segment whose frame salt is `salt`.
  func encoded(salt: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headerBytes)
    bytes.append(number: Self.magic)
    bytes.append(number: UInt32(0))
    bytes.append(number: UInt32(headerBytes))
    bytes.append(number: UInt32(groups.count))
    bytes.append(number: UInt64(frameBytes))
    bytes.append(number: UInt64(durable))
    bytes.append(number: created)
    bytes.append(number: UInt32(depth))
    bytes.append(number: UInt32(identity.count))
    bytes += namespace
    bytes += key
    bytes += parent
    bytes.append(number: UInt64(0))
    bytes.append(number: UInt64(0))
    for group in groups {
      bytes.append(number: UInt32(group.index))
      bytes.append(number: UInt32(group.layers))
      bytes.append(number: UInt32(group.rows))
      bytes.append(number: UInt32(group.rowBytes))
    }
    bytes += identity
    let sum = bytes.withUnsafeBytes { engram_crc32c(salt, $0.baseAddress! + 8, $0.count - 8) }
    withUnsafeBytes(of: sum.littleEndian) { bytes.replaceSubrange(4..<8, with: $0) }
    return bytes
  }
}

/// A frame's header where it lies: read without copying its keys and tokens.
struct FrameView {
  let bytes: UnsafeRawBufferPointer
  let headerBytes: Int
  let frameBytes: Int
  let groupCount: Int

  /// The header that begins `bytes`; `nil` where there is none, or one that is damaged or of another
  /// place.
  ///
  /// - Parameter salt: `FrameHeader.salt(of:offset:)` of its place.
  init?(_ bytes: UnsafeRawBufferPointer, salt: UInt32) {
    guard bytes.count >= FrameHeader.fixedBytes, bytes.number(at: 0) == UInt32(0x4643_4745) else {
      return nil
    }
    let headerBytes = Int(bytes.number(at: 8, as: UInt32.self))
    let groups = Int(bytes.number(at: 12, as: UInt32.self))
    let identity = Int(bytes.number(at: 44, as: UInt32.self))
    guard headerBytes <= min(bytes.count, FrameHeader.mostBytes), groups <= 32,
      headerBytes == FrameHeader.fixedBytes + groups * FrameHeader.groupBytes + identity,
      engram_crc32c(salt, bytes.baseAddress! + 8, headerBytes - 8) == bytes.number(at: 4)
    else { return nil }
    let frame = bytes.number(at: 16, as: UInt64.self)
    guard frame <= 1 << 40, frame % UInt64(FrameHeader.alignment) == 0 else { return nil }
    self.bytes = bytes.part(0..<headerBytes)
    self.headerBytes = headerBytes
    frameBytes = Int(frame)
    groupCount = groups
    // What the groups take is what the frame has, so that no slot lies outside it.
    var end = roundUp(headerBytes, to: FrameHeader.alignment)
    for number in 0..<groups {
      let group = group(number)
      guard group.index < 32, group.layers <= 4096, group.rows <= 65_536,
        group.rowBytes <= 1 << 24
      else { return nil }
      end += group.bytes
    }
    guard roundUp(end, to: FrameHeader.alignment) == frameBytes else { return nil }
  }

  var durable: Int { Int(clamping: bytes.number(at: 24, as: UInt64.self)) }
  var created: UInt64 { bytes.number(at: 32) }
  var depth: Int { Int(bytes.number(at: 40, as: UInt32.self)) }
  var namespace: UnsafeRawBufferPointer { bytes.part(48..<80) }
  var key: UnsafeRawBufferPointer { bytes.part(80..<112) }
  var parent: UnsafeRawBufferPointer { bytes.part(112..<144) }
  var identity: UnsafeRawBufferPointer {
    bytes.part((FrameHeader.fixedBytes + groupCount * FrameHeader.groupBytes)..<headerBytes)
  }
  var fingerprint: UInt64 { key.number(at: 0) }
  var payloadOffset: Int { roundUp(headerBytes, to: FrameHeader.alignment) }

  func group(_ number: Int) -> FrameHeader.Group {
    let at = FrameHeader.fixedBytes + number * FrameHeader.groupBytes
    return FrameHeader.Group(
      index: Int(bytes.number(at: at, as: UInt32.self)),
      layers: Int(bytes.number(at: at + 4, as: UInt32.self)),
      rows: Int(bytes.number(at: at + 8, as: UInt32.self)),
      rowBytes: Int(bytes.number(at: at + 12, as: UInt32.self)))
  }

  var mask: UInt32 { (0..<groupCount).reduce(0) { $0 | 1 << UInt32(group($1).index) } }

  /// Whether all of its slots match their checksums.
  ///
  /// - Parameter frame: the frame's bytes, at least `frameBytes`.
  func isWhole(_ frame: UnsafeRawBufferPointer, salt: UInt32) -> Bool {
    var at = payloadOffset
    for number in 0..<groupCount {
      let group = group(number)
      for layer in 0..<group.layers {
        let slots = (frame.baseAddress! + at).assumingMemoryBound(to: UInt8.self)
        let word = group.word | UInt64(layer) << 32
        guard
          engram_block_check(slots, group.rows, UInt32(group.rowBytes), salt, word) == group.rows
        else { return false }
        at += group.layerBytes
      }
    }
    return true
  }

  /// A copy that owns its bytes.
  var header: FrameHeader {
    FrameHeader(
      namespace: Array(namespace), key: Array(key), parent: Array(parent),
      identity: Array(identity), depth: depth, created: created, durable: durable,
      groups: (0..<groupCount).map(group))
  }
}
