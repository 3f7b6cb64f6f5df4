import Digests
import Foundation
import Samples
import SeededRandom
import Storage
import Testing

@testable import Datasets

@Suite struct ManifestTests {
  private static let page = String(repeating: "0123456789abcdef", count: 4)

  private func json(identity: String) -> String {
    let parent = #"{"identity":"p","version":2}"#
    let page = #"{"bytes":900,"extents":2,"name":"\#(Self.page)","samples":7}"#
    let source = #"{"inputs":["b/ü","a"],"kind":"tokenize","options":{"a":"1","b":"\"\\"}}"#
    let tokenizer = #"{"sha256":"t","vocabulary":100}"#
    return #"{"bytes":900,"format":1,"identity":"\#(identity)","kind":"tokens","#
      + #""message":"line\none","name":"a/b","pages":[\#(page)],"parent":\#(parent),"samples":7,"#
      + #""source":\#(source),"tokenizer":\#(tokenizer),"#
      + #""tokens":{"hasBoundaries":true,"length":64,"width":2},"version":3}"#
  }

  private func manifest() throws -> DatasetManifest {
    var manifest = DatasetManifest(
      name: "a/b", version: 3, parent: .init(version: 2, identity: "p"), message: "line\none",
      kind: .tokens, tokens: TokenLayout(width: 2, length: 64, hasBoundaries: true),
      tokenizer: .init(sha256: "t", vocabulary: 100), samples: 7, bytes: 900,
      pages: [PageReference(name: Self.page, extents: 2, samples: 7, bytes: 900)],
      source: .init(kind: "tokenize", inputs: ["b/ü", "a"], options: ["b": "\"\\", "a": "1"]),
      identity: "")
    manifest.identity = try manifest.computedIdentity()
    return manifest
  }

  @Test func theJSONIsCanonicalAndTheIdentityItsDigest() throws {
    let manifest = try manifest()
    #expect(manifest.identity == SHA256Digest(of: json(identity: "")).description)
    #expect(
      String(decoding: try manifest.canonicalJSON(), as: UTF8.self)
        == json(identity: manifest.identity))
    let version = DatasetVersion(manifest: manifest, published: "2026-01-01T00:00:00Z")
    #expect(try DatasetVersion(record: version.record(), store: "s") == version)
  }

  @Test func aRecordOfContradictionsIsRefused() throws {
    let changes: [(inout DatasetManifest) -> Void] = [
      { $0.version = 0 }, { $0.version = -1 }, { $0.version = .max }, { $0.samples = 8 },
      { $0.samples = -7 }, { $0.bytes = 1 }, { $0.tokens = nil }, { $0.kind = .bytes },
      { $0.tokens?.width = 3 }, { $0.tokens?.length = 0 }, { $0.pages[0].extents = 0 },
      { $0.pages[0].extents = .max }, { $0.pages[0].samples = .max },
      { $0.pages[0].name = "../../etc" }, { $0.pages += $0.pages },
      {
        $0.pages += $0.pages
        $0.pages[0].samples = .max
        $0.samples = 6
      }, { $0.format = 0 - 1 },
    ]
    for (index, change) in changes.enumerated().dropLast() {
      var manifest = try manifest()
      change(&manifest)
      manifest.identity = try manifest.computedIdentity()
      let record = try DatasetVersion(manifest: manifest, published: "").record()
      #expect(throws: DatasetError.self, "change \(index)") {
        try DatasetVersion(record: record, store: "s")
      }
    }
  }

  @Test func aNewerFormatIsRefusedByNumber() throws {
    let record = Array(#"{"manifest":{"format":2,"new":true}}"#.utf8)
    #expect(
      throws: DatasetError.newerFormat(place: "s/catalog", found: 2, supported: 1)
    ) { try DatasetVersion(record: record, store: "s") }
  }

  /// Random changes to a record's bytes: refused, or nothing that the identity covers has changed.
  @Test func aChangedRecordIsRefused() throws {
    let manifest = try manifest()
    let record = try DatasetVersion(manifest: manifest, published: "then").record()
    var random = SeededGenerator(seed: 1)
    for _ in 0..<3000 {
      var changed = record
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        changed[Int.random(in: 0..<changed.count, using: &random)] =
          UInt8.random(in: 32...126, using: &random)
      }
      do {
        #expect(try DatasetVersion(record: changed, store: "s").manifest == manifest)
      } catch {
        #expect(!"\(error)".contains("\n"))
      }
    }
  }

  /// The same for the state of an interrupted ingest, which no identity covers: no trap.
  @Test func aChangedStateOfAnIngestIsHarmless() throws {
    let fixture = try DatasetFixture()
    var random = SeededGenerator(seed: 2)
    let writer = try fixture.writer()
    for sample in random.samples(1000, 0...900) {
      if try sample.withUnsafeBytes({ try writer.append($0) }) { try writer.mark(Data([1])) }
    }
    try writer.suspend()
    let record = try fixture.store.interruptedIngest(of: "d")!.record()
    let text = String(decoding: record, as: UTF8.self)
    for key in ["samples", "bytes", "cursor", "blockBytes", "chunkBytes", "format"] {
      for value in ["-1", "0", "1", "9223372036854775807", "-9223372036854775808", "3.5", "null"] {
        let pattern = try Regex("\"\(key)\":[0-9]+")
        let changed = text.replacing(pattern, with: "\"\(key)\":\(value)")
        guard let ingest = try? InterruptedIngest(record: Array(changed.utf8), store: "s") else {
          continue
        }
        _ = try? fixture.writer(resuming: ingest)
      }
    }
    // Sums that are not those of what it lists.
    for change in [{ $0.samples += 1 }, { $0.bytes -= 1 }] as [(inout InterruptedIngest) -> Void] {
      var ingest = try InterruptedIngest(record: record, store: "s")
      change(&ingest)
      let changed = try ingest.record()
      #expect(throws: DatasetError.self) { try InterruptedIngest(record: changed, store: "s") }
    }
    for _ in 0..<500 {
      var changed = record
      changed[Int.random(in: 0..<changed.count, using: &random)] =
        UInt8.random(in: 32...126, using: &random)
      guard let ingest = try? InterruptedIngest(record: changed, store: "s") else { continue }
      #expect(ingest.samples >= 0 && ingest.storage.isPossible)
    }
  }

  @Test func aRecordUnderAnotherKeyIsRefused() throws {
    let fixture = try DatasetFixture()
    let version = try fixture.publish([[1]]).version
    try fixture.store.catalog.commit([
      .init(DatasetVersion.key(name: "d", version: 2), try version.record(), in: .datasets)
    ])
    #expect(throws: DatasetError.self) { try fixture.store.datasetVersions(named: "d") }
    let counter = DatasetVersion.counterKey(name: "d")
    for text in ["x", "-5", "99999999999", "9223372036854775807"] {
      try fixture.store.catalog.commit([
        .init(DatasetVersion.key(name: "d", version: 2), nil, in: .datasets),
        .init(counter, Array(text.utf8), in: .datasets),
      ])
      #expect(throws: DatasetError.self) { try fixture.publish([[2]]) }
    }
  }
}
