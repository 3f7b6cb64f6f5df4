import Foundation
import TestCheckpoints
import Testing

/// A store with an indexed dataset of small texts, made by the command itself.
struct IndexFixture {
  let scratch: ScratchFolder
  var store: String { scratch("store") }

  /// One for all tests that only read.
  static let shared: Result<IndexFixture, any Error> = Result {
    let fixture = try IndexFixture()
    atexit { try? FileManager.default.removeItem(atPath: IndexFixture.shared.get().scratch.path) }
    return fixture
  }

  static let texts = [
    "guide/cats.md":
      "# Of cats\n\nCats sleep most of the day. A cat purrs.\n\nDogs bark at cats.\n",
    "guide/dogs.md": "# Of dogs\n\nDogs bark. The dog sleeps at night, as cats do by day.\n",
    "notes/zh.txt": "猫在睡觉。狗在叫。\n",
    "notes/long.txt": String(repeating: "A long text of many words. ", count: 400),
  ]

  init() throws {
    scratch = try ScratchFolder()
    for (name, text) in Self.texts {
      let path = scratch("texts/" + name)
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    _ = try expectSuccess(["ingest", scratch("texts"), "--dataset", "d", "--store", store])
    _ = try expectSuccess(["index", "build", "d", "--passage-tokens", "40", "--store", store])
  }

  func run(_ arguments: String...) throws -> EngramProcess.Outcome {
    try engram(arguments + ["--store", store])
  }

  func objects(_ arguments: String...) throws -> [[String: Any]] {
    try expectSuccess(arguments + ["--store", store]).objects()
  }
}
