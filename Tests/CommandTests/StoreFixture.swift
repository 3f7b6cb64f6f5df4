import Files
import Foundation
import MemoryTables
import Storage
import TestCheckpoints
import Testing

/// A DeepSeek checkpoint of two layers, imported twice: `ds/layer1` and `ds/layer14`, versions 1
/// and 2, with the published token map.
struct StoreFixture {
  static let made = MadeCheckpoint.deepSeek()

  /// One for all tests that only read.
  static let shared: Result<StoreFixture, any Error> = Result {
    let fixture = try StoreFixture()
    // Nothing ends the life of a static value.
    atexit { try? DurableFile.remove(StoreFixture.shared.get().scratch.path) }
    return fixture
  }

  let scratch: ScratchFolder
  var path: String { scratch("store") }
  var checkpoint: String { scratch("checkpoint") }

  /// The published map of DeepSeek's tokenizer.
  static var tokenMap: String {
    root.appendingPathComponent("Tests/AddressingTests/Golden/deepseek-token-map.i32").path
  }

  static var root: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
  }

  init() throws {
    scratch = try ScratchFolder()
    try Self.made.write(to: checkpoint)
    for _ in 1...2 {
      try expectSuccess([
        "memory", "import", "--from", checkpoint, "--name", "ds", "--store", path,
        "--token-map", Self.tokenMap,
      ])
    }
  }

  /// A copy that a test may damage.
  static func copy() throws -> StoreFixture { try StoreFixture(copying: shared.get()) }

  private init(copying other: StoreFixture) throws {
    scratch = try ScratchFolder()
    for name in ["store", "checkpoint"] {
      try FileManager.default.copyItem(atPath: other.scratch(name), toPath: scratch(name))
    }
  }

  /// A command of this store.
  func run(_ arguments: String...) throws -> EngramProcess.Outcome {
    try engram(["memory"] + arguments + ["--store", path])
  }

  /// A command of this store that must succeed.
  @discardableResult
  func succeed(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> EngramProcess.Outcome {
    try expectSuccess(
      ["memory"] + arguments + ["--store", path], sourceLocation: sourceLocation)
  }

  /// The bytes of a row of a layer, as they were made.
  static func row(_ row: Int, layer: Int = 1) -> [UInt8] {
    let name = "layers.\(layer).engram.embed."
    return made[name + "weight"].row(row) + made[name + "scale"].row(row)
  }

  /// The folder of a version.
  func folder(_ table: String) throws -> String {
    let store = try Store(path: path, mode: .reading)
    return store.tableFolder(try store.publishedTable(TableReference(parsing: table)).id)
  }

  /// "name@version" of all that is listed.
  func listed() throws -> [String] {
    try succeed("list", "--format", "json").objects().map { "\($0["name"]!)@\($0["version"]!)" }
  }
}
