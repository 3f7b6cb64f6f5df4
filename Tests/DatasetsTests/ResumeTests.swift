import Datasets
import Foundation
import SeededRandom
import Storage
import Testing

/// An ingest that is interrupted anywhere and goes on ends with the version of an unbroken one.
@Suite struct ResumeTests {
  enum Case: CaseIterable { case first, replacing, appending }

  private let before: [[UInt8]]
  private let samples: [[UInt8]]

  init() {
    var random = SeededGenerator(seed: 1)
    var before = random.samples(1500, 0...600)
    // One sample many times: which of them is listed follows from what is expected.
    for place in stride(from: 0, to: 1500, by: 2) { before[place] = before[7] }
    self.before = before
    // Of the version before, with a new sample now and then, some moved, one many times.
    var samples = before
    samples[100..<160].shuffle(using: &random)
    for place in stride(from: 0, to: 1500, by: 300) { samples[place] = before[7] }
    for _ in 0..<900 {
      samples.insert(
        random.bytes(600), at: Int.random(in: 0...samples.count, using: &random))
    }
    self.samples = samples
  }

  /// Writes from where `interrupted` stood; stops at the `stop`th mark, else publishes.
  private func run(
    _ fixture: DatasetFixture, _ base: DatasetWriter.Base, stop: Int?
  ) throws -> (version: DatasetVersion?, marks: Int) {
    let interrupted = try fixture.store.interruptedIngest(of: "d")
    let writer = try fixture.writer(base: base, resuming: interrupted)
    defer { writer.close() }
    let start = interrupted.flatMap { Int(String(decoding: $0.state, as: UTF8.self)) } ?? 0
    var marks = 0
    for index in start..<samples.count {
      guard try samples[index].withUnsafeBytes({ try writer.append($0) }) else { continue }
      try writer.mark(Data("\(index + 1)".utf8))
      marks += 1
      if marks == stop {
        // What comes behind the mark is not kept.
        for sample in samples[(index + 1)...].prefix(20) {
          _ = try sample.withUnsafeBytes { try writer.append($0) }
        }
        try writer.suspend()
        return (nil, marks)
      }
    }
    return (try writer.publish(message: "m", source: DatasetFixture.source), marks)
  }

  @Test(arguments: Case.allCases)
  func theIdentityIsThatOfAnUnbrokenRun(which: Case) throws {
    let base: DatasetWriter.Base = which == .appending ? .appending : .replacing
    let origin: String?
    let prepared = try DatasetFixture().scratch
    do {
      let fixture = try DatasetFixture()
      if which != .first { try fixture.publish(before) }
      try FileManager.default.copyItem(
        atPath: fixture.store.path, toPath: prepared("prepared"))
      origin = prepared("prepared")
    }
    let unbroken = try run(DatasetFixture(copyOf: origin), base, stop: nil)
    let expected = (which == .appending ? before : []) + samples
    #expect(unbroken.marks > 4)
    for stop in 1...unbroken.marks {
      let fixture = try DatasetFixture(copyOf: origin)
      #expect(try run(fixture, base, stop: stop).version == nil)
      #expect(try fixture.store.datasetVersions().count == (which == .first ? 0 : 1))
      // What was kept is kept.
      let garbage = try fixture.store.collectGarbage()
      #expect(garbage.interruptedIngests == ["d"])
      let version = try run(fixture, base, stop: nil).version
      #expect(version?.manifest.identity == unbroken.version?.manifest.identity, "mark \(stop)")
      #expect(try fixture.read() == expected)
      #expect(try fixture.store.interruptedIngests().isEmpty)
    }
    // Interrupted at every mark, one after another.
    let fixture = try DatasetFixture(copyOf: origin)
    var version: DatasetVersion?
    var runs = 0
    while version == nil {
      version = try run(fixture, base, stop: 1).version
      runs += 1
    }
    #expect(runs == unbroken.marks + 1)
    #expect(version?.manifest.identity == unbroken.version?.manifest.identity)
  }

  @Test func anotherIngestIsNotGoneOnWith() throws {
    let fixture = try DatasetFixture()
    _ = try run(fixture, .replacing, stop: 2)
    let interrupted = try fixture.store.interruptedIngest(of: "d")!
    func isRefused(_ make: () throws -> DatasetWriter) {
      #expect {
        try make()
      } throws: {
        guard case DatasetError.otherIngest("d", _) = $0 else { return false }
        return true
      }
    }
    var storage = fixture.storage
    storage.isCompressed = false
    isRefused {
      try DatasetWriter(
        "d", kind: .bytes, storage: storage, resuming: interrupted, in: fixture.store)
    }
    isRefused {
      try DatasetWriter(
        "d", kind: .document, storage: fixture.storage, resuming: interrupted, in: fixture.store)
    }
    // Another version since.
    try fixture.publish([[1]])
    isRefused { try fixture.writer(resuming: interrupted) }
    #expect(try fixture.store.interruptedIngest(of: "d") == nil)
  }
}
