import Datasets
import Foundation
import Samples
import SeededRandom
import Storage
import TestCheckpoints
import Testing

@Suite struct DatasetDiffTests {
  private struct Document: Hashable {
    var id: Int
    var text: String

    var bytes: [UInt8] {
      var bytes: [UInt8] = []
      DocumentSample.append(metadata: #"{"id":\#(id)}"#.utf8, text: text.utf8, to: &bytes)
      return bytes
    }
  }

  private static func document(_ id: Int, _ random: inout SeededGenerator) -> Document {
    Document(
      id: id,
      text: (0..<Int.random(in: 0...60, using: &random)).map { _ in "\(random.next())" }
        .joined())
  }

  private static func publish(_ documents: [Document], in store: Store) throws -> DatasetVersion {
    var storage = DatasetWriter.Storage()
    storage.chunkBytes = 64 << 10
    let writer = try DatasetWriter("d", kind: .document, storage: storage, threads: 2, in: store)
    defer { writer.close() }
    for document in documents {
      _ = try document.bytes.withUnsafeBytes { try writer.append($0) }
    }
    return try writer.publish(message: "", source: .init(kind: "test", inputs: []))
  }

  /// Edits, removals, insertions, moves and copies, compared with multisets of plain values.
  @Test(arguments: 0..<6)
  func aDiffIsThatOfTheSamples(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let scratch = try ScratchFolder()
    let store = try Store(path: scratch("store"), mode: .writing)
    var documents = (0..<400).map { Self.document($0, &random) }
    var versions = [(documents, try Self.publish(documents, in: store))]
    for round in 1...3 {
      for step in 0..<Int.random(in: 1...12, using: &random) {
        let place = Int.random(in: 0..<documents.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: documents[place].text += "edited"
        case 1: documents.remove(at: place)
        case 2:
          documents.insert(Self.document(1000 * round + step, &random), at: place)
        case 3: documents.insert(documents[place], at: documents.count / 2)
        default: documents.swapAt(place, documents.count - 1)
        }
      }
      versions.append((documents, try Self.publish(documents, in: store)))
    }
    for (before, old) in versions {
      for (after, new) in versions { try Self.check(before, old, after, new, in: store) }
    }
  }

  private static func check(
    _ before: [Document], _ old: DatasetVersion, _ after: [Document], _ new: DatasetVersion,
    in store: Store
  ) throws {
    let diff = try store.diff(old, new)
    func counts(_ documents: [Document]) -> [Document: Int] {
      documents.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }
    let (old, new) = (counts(before), counts(after))
    var gone: [Int: Int] = [:]
    var fresh: [Int: Int] = [:]
    for (document, count) in old {
      gone[document.id, default: 0] += max(0, count - new[document, default: 0])
    }
    for (document, count) in new {
      fresh[document.id, default: 0] += max(0, count - old[document, default: 0])
    }
    let changed = gone.reduce(0) { $0 + min($1.value, fresh[$1.key, default: 0]) }
    #expect(diff.changed.count == changed)
    #expect(diff.removed.count == gone.values.reduce(0, +) - changed)
    #expect(diff.added.count == fresh.values.reduce(0, +) - changed)
    #expect(diff.unchanged == before.count - gone.values.reduce(0, +))
    for entry in diff.added + diff.removed + diff.changed {
      if let number = entry.before { #expect("\(before[number].id)" == entry.name) }
      if let number = entry.after { #expect("\(after[number].id)" == entry.name) }
    }
    // What stands in shared chunks was not looked at.
    #expect(before == after ? diff.compared == 0 : diff.compared < before.count + after.count)
  }
}
