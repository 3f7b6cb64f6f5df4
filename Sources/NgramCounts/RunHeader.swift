import CKernels
import Digests
import Foundation
import Storage

/// What a run file says of itself before its blocks.
struct RunHeader: Codable, Hashable, Sendable {
  /// What was counted, and how.
  var subject: CountSubject
  /// Of which samples: ascending, apart. Samples held out are counted as seen.
  var samples: [SampleSpan]

  static let magic = Array("ENGRCNTS".utf8)
  static let endMagic = Array("ENGRCEND".utf8)
  static let formatVersion: UInt32 = 1
  /// Magic, version, bytes of the JSON, checksum.
  static let prefixBytes = 20
  static let jsonLimit = 16 << 20
  /// Where the trailer begins, and the magic number of the end.
  static let suffixBytes = 16

  /// The bytes before the first block.
  func encoded() throws -> [UInt8] {
    let json = try CanonicalJSON.encode(self)
    let start =
      Self.magic + Self.formatVersion.littleEndianBytes + UInt32(json.count).littleEndianBytes
    return start + Self.checksum(start: start, json: json).littleEndianBytes + json
  }

  static func checksum(start: [UInt8], json: [UInt8]) -> UInt32 {
    engram_crc32c(engram_crc32c(0, start, start.count), json, json.count)
  }

  /// What the checksums of a file's blocks begin with: a block of another file matches nothing.
  static func salt(json: [UInt8]) -> UInt32 {
    let digest = json.withUnsafeBytes { SHA256Digest(of: $0) }.bytes
    return engram_crc32c(0, digest, 8)
  }

  /// The checksum of a block.
  ///
  /// - Parameter number: of the block among its order's; `UInt64.max` for the trailer.
  static func checksum(
    salt: UInt32, number: UInt64, header: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer
  ) -> UInt32 {
    var sum = withUnsafeBytes(of: number.littleEndian) { engram_crc32c(salt, $0.baseAddress, 8) }
    sum = engram_crc32c(sum, header.baseAddress, header.count)
    return engram_crc32c(sum, payload.baseAddress, payload.count)
  }

  /// Reads the JSON of a header whose checksum matches.
  ///
  /// - Throws: a reason.
  init(json: [UInt8]) throws(Reason) {
    guard let header = try? JSONDecoder().decode(Self.self, from: Data(json)),
      let canonical = try? CanonicalJSON.encode(header), canonical == json
    else { throw Reason("its description is none") }
    if let reason = header.subject.contradiction { throw Reason(reason) }
    var last = -1
    for span in header.samples {
      guard span.from > last, span.to > span.from, span.to <= header.subject.dataset.samples else {
        throw Reason("its samples are not spans of the dataset's")
      }
      last = span.to
    }
    self = header
  }

  init(subject: CountSubject, samples: [SampleSpan]) {
    self.subject = subject
    self.samples = samples
  }

  /// Why bytes are no header.
  struct Reason: Error {
    var text: String
    init(_ text: String) { self.text = text }
  }
}
