import Datasets
import Foundation
import NIOCore
import Samples
import Serving

/// Samples of one dataset version, as they are answered.
struct SampleAnswer {
  /// The most bytes of the samples of a request, as they are stored.
  static let mostBytes = 16 << 20

  let dataset: OpenDataset
  let numbers: [Int]

  /// Bytes that JSON of so many raw bytes may take, within reason: it is made in pieces.
  static func jsonBytes(ofRaw count: Int) -> Int { 4 * count }

  /// The samples' sizes.
  ///
  /// - Throws: `DatasetError`, `ChunkError`; `ServiceError.answerTooLarge`.
  func sizes() throws -> [Int] {
    var total = 0
    return try dataset.withReader { reader in
      try numbers.map { number in
        let size = try reader.size(of: number)
        guard size <= Self.mostBytes - total else {
          throw ServiceError.answerTooLarge(
            what: "samples of more than \(Self.mostBytes) bytes", limit: "\(Self.mostBytes) bytes")
        }
        total += size
        return size
      }
    }
  }

  /// The samples' bytes, one after another.
  func raw(total: Int) throws -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: max(total, 1))
    try dataset.withReader { reader in
      for number in numbers { try reader.withSample(number) { _ = buffer.writeBytes($0) } }
    }
    return buffer
  }

  /// `{"dataset":"name@v","samples":[..]}`.
  func json() throws -> ByteBuffer {
    var out = ByteBufferAllocator().buffer(capacity: 64 << 10)
    out.writeString("{\"dataset\":")
    out.writeBytes(try JSONBody.encode(dataset.title))
    out.writeString(",\"samples\":[")
    try dataset.withReader { reader in
      for (index, number) in numbers.enumerated() {
        out.writeString("\(index > 0 ? "," : ""){\"number\":\(number),")
        switch dataset.dataset.manifest.kind {
        case .document: try writeDocument(number, reader, to: &out)
        case .tokens: try writeTokens(number, reader, to: &out)
        case .bytes:
          let text = try reader.withSample(number) { Data($0).base64EncodedString() }
          out.writeString("\"bytes\":\"\(text)\"")
        }
        out.writeString("}")
      }
    }
    out.writeString("]}")
    return out
  }

  private func writeDocument(
    _ number: Int, _ reader: SampleReader, to out: inout ByteBuffer
  ) throws {
    let (text, metadata) = try reader.withDocument(number) { text, metadata in
      (String(decoding: text, as: UTF8.self), Data(metadata))
    }
    // It is put into the answer as it is: nothing but an object may stand there.
    guard (try? JSONSerialization.jsonObject(with: metadata)) is [String: Any] else {
      throw DatasetError.badSample(
        dataset: dataset.title, number: number, reason: "its metadata is no JSON object")
    }
    out.writeString("\"metadata\":")
    out.writeBytes(metadata)
    out.writeString(",\"text\":")
    out.writeBytes(try JSONBody.encode(text))
  }

  private func writeTokens(
    _ number: Int, _ reader: SampleReader, to out: inout ByteBuffer
  ) throws {
    let (ids, starts) = try reader.tokens(number)
    out.writeString("\"starts\":")
    out.writeNumbers(starts)
    out.writeString(",\"tokens\":")
    out.writeNumbers(ids)
  }
}

/// The samples at positions of an epoch, as they are answered.
enum OrderAnswer {
  /// Bytes that an answer may take.
  static func mostBytes(positions: Int) -> Int { 512 + 30 * positions }

  /// `{"dataset":"name@v","samples":[..]}`.
  static func json(dataset: String, samples: [Int64]) -> ByteBuffer {
    var out = ByteBufferAllocator().buffer(capacity: 256 + 8 * samples.count)
    out.writeString("{\"dataset\":")
    out.writeBytes((try? JSONBody.encode(dataset)) ?? Data("\"\"".utf8))
    out.writeString(",\"samples\":")
    out.writeNumbers(samples)
    out.writeString("}")
    return out
  }
}

extension ByteBuffer {
  /// Writes an array of numbers.
  fileprivate mutating func writeNumbers(_ numbers: [some BinaryInteger]) {
    writeString("[")
    for (index, number) in numbers.enumerated() {
      writeString(index > 0 ? ",\(number)" : "\(number)")
    }
    writeString("]")
  }
}
