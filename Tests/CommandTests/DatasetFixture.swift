import Datasets
import Foundation
import Samples
import Storage
import TestCheckpoints
import Testing

/// A store of small datasets, made without the command:
///
/// - `docs@1`: 300 documents, `docs@2`: number 7 edited, number 200 gone, one new at the end;
/// - `ids@1`: 50 samples of token ids, `packed@1`: the same with document starts, `raw@1`: bytes.
struct DatasetFixture {
  /// A document's id, metadata and text.
  struct Document {
    var id: String
    var text: String
    var path: String {
      "\(id.hasSuffix("0") ? "ten" : "rest")/\(id).\(id.count > 4 ? "md" : "txt")"
    }

    var bytes: [UInt8] {
      var bytes: [UInt8] = []
      let metadata = #"{"id":"\#(id)","path":"\#(path)"}"#
      DocumentSample.append(metadata: metadata.utf8, text: text.utf8, to: &bytes)
      return bytes
    }
  }

  static let first = (0..<300).map { number in
    Document(
      id: "doc\(number)",
      text: number == 3
        ? "" : String(repeating: "text of \(number), é 汉\n\u{1B}[31m", count: 1 + number % 90))
  }
  static let second = {
    var documents = first
    documents[7].text += "edited"
    documents.remove(at: 200)
    return documents + [Document(id: "new", text: "a new one")]
  }()
  static let ids = (0..<50).map { number in (0..<UInt32(number)).map { $0 * 7 + 1 } }

  /// One for all tests that only read.
  static let shared: Result<DatasetFixture, any Error> = Result {
    let fixture = try DatasetFixture()
    atexit { try? FileManager.default.removeItem(atPath: DatasetFixture.shared.get().scratch.path) }
    return fixture
  }

  let scratch: ScratchFolder
  var path: String { scratch("store") }

  init() throws {
    scratch = try ScratchFolder()
    let store = try Store(path: path, mode: .writing)
    try Self.write("docs", .document, Self.first.map(\.bytes), message: "first", in: store)
    try Self.write("docs", .document, Self.second.map(\.bytes), message: "second\n\u{7}", in: store)
    let plain = TokenLayout(width: 2)
    let packed = TokenLayout(width: 4, hasBoundaries: true)
    func samples(_ layout: TokenLayout, _ starts: [Int]) -> [[UInt8]] {
      Self.ids.map {
        var bytes: [UInt8] = []
        layout.append(ids: $0, starts: $0.isEmpty ? [] : starts, to: &bytes)
        return bytes
      }
    }
    try Self.write("ids", .tokens, samples(plain, []), tokens: plain, in: store)
    try Self.write("packed", .tokens, samples(packed, [0]), tokens: packed, in: store)
    try Self.write("raw", .bytes, [[0, 1, 255], [], [10]], in: store)
  }

  /// A copy that a test may change.
  static func copy() throws -> DatasetFixture { try DatasetFixture(copying: shared.get()) }

  private init(copying other: DatasetFixture) throws {
    scratch = try ScratchFolder()
    try FileManager.default.copyItem(atPath: other.path, toPath: path)
  }

  @discardableResult
  static func write(
    _ name: String, _ kind: SampleKind, _ samples: [[UInt8]], tokens: TokenLayout? = nil,
    message: String = "", in store: Store
  ) throws -> DatasetVersion {
    var storage = DatasetWriter.Storage()
    storage.chunkBytes = 64 << 10
    let writer = try DatasetWriter(
      name, kind: kind, tokens: tokens, storage: storage, threads: 2, in: store)
    defer { writer.close() }
    for sample in samples { _ = try sample.withUnsafeBytes { try writer.append($0) } }
    return try writer.publish(
      message: message, source: .init(kind: "test", inputs: ["nowhere"], options: ["a": "b"]))
  }

  /// A command of this store.
  func run(_ arguments: String...) throws -> EngramProcess.Outcome {
    try engram(arguments + ["--store", path])
  }

  /// A command of this store that must succeed.
  @discardableResult
  func succeed(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> EngramProcess.Outcome {
    try expectSuccess(arguments + ["--store", path], sourceLocation: sourceLocation)
  }

  /// The files of chunks, by path.
  func chunkFiles() throws -> [String] {
    let folder = path + "/chunks"
    return try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
      .filter { $0.count > 60 }.map { folder + "/" + $0 }
  }
}
