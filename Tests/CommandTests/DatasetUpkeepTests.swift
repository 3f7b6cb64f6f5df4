import Datasets
import Files
import Foundation
import Samples
import Storage
import Testing

/// Checking, dropping and collecting.
@Suite struct DatasetUpkeepTests {
  @Test func aSoundStoreIsAsPublished() throws {
    let store = try DatasetFixture.shared.get()
    #expect(try store.succeed("dataset", "verify", "docs").text.hasPrefix("docs@2: "))
    let all = try store.succeed("dataset", "verify", "--format", "json").objects()[0]
    #expect(
      all["versions"] as? [String] == ["docs@1", "docs@2", "ids@1", "packed@1", "raw@1"])
    #expect(all["problems"] as? [String] == [])
    let line = try store.succeed("verify", "--format", "json").objects()[0]
    #expect(line["versions"] as? Int == 5 && line["unreferencedChunks"] as? Int == 0)
    #expect(line["chunks"] as? Int == (try store.chunkFiles().count))
    #expect(try store.succeed("verify").text.hasSuffix("all as published\n"))
  }

  /// Every chunk file, a bit somewhere in it: found, named, and by whole-store verify too.
  @Test func aFlippedBitIsFoundAndNamed() throws {
    let store = try DatasetFixture.copy()
    for (number, file) in try store.chunkFiles().enumerated() {
      let good = try DurableFile.read(file)
      var bad = good
      bad[number * 977 % bad.count] ^= 1 << (number % 8)
      try bad.withUnsafeBytes { try DurableFile.write($0, to: file) }
      for command in [["dataset", "verify"], ["verify"]] {
        let outcome = try engram(command + ["--store", store.path])
        #expect(outcome.status == 1 && !outcome.isCrash && outcome.errors == "")
        #expect(outcome.text.contains(file), "\(outcome.text)")
        let json = try engram(command + ["--format", "json", "--store", store.path])
        let problems = try #require(json.objects().first?["problems"] as? [String])
        #expect(json.status == 1 && problems.count == 1 && problems[0].contains(file))
      }
      try good.withUnsafeBytes { try DurableFile.write($0, to: file) }
    }
    try store.succeed("verify")
  }

  @Test func missingFilesAreFindings() throws {
    let store = try DatasetFixture.copy()
    let chunk = try store.chunkFiles()[0]
    try DurableFile.remove(chunk)
    let verify = try store.run("verify")
    #expect(verify.status == 1 && verify.text.contains("\(chunk) is missing"))
    let pages = try FileManager.default.subpathsOfDirectory(atPath: store.path + "/pages")
    let page = store.path + "/pages/" + (pages.sorted().last { $0.count > 60 } ?? "")
    try DurableFile.remove(page)
    let both = try store.run("verify")
    #expect(both.status == 1 && both.text.contains(page) && both.text.contains("problems"))
    // What a manifest names is not known any more: nothing may be collected.
    let files = try store.chunkFiles().count
    let collected = try store.run("gc")
    expectFailure(collected, [page])
    #expect(try store.chunkFiles().count == files)
  }

  @Test func damageOfTheCatalogIsAFinding() throws {
    let store = try DatasetFixture.copy()
    try DurableFile.remove(store.path + "/catalog/CURRENT")
    let verify = try store.run("verify")
    #expect(verify.status == 1 && !verify.isCrash && verify.text.contains("catalog"))
    let json = try store.run("verify", "--format", "json")
    #expect((try json.objects()[0]["problems"] as? [String])?.count == 1)
  }

  @Test func aRecordThatIsNoVersionHidesNoOther() throws {
    let store = try DatasetFixture.copy()
    do {
      let key = Array("vodd".utf8) + [0, 0, 0, 0, 1]
      try Store(path: store.path, mode: .writing).catalog.commit([
        .init(key, Array("{}".utf8), in: .datasets)
      ])
    }
    for command in [["verify"], ["dataset", "verify"]] {
      let outcome = try engram(command + ["--format", "json", "--store", store.path])
      let line = try outcome.objects()[0]
      #expect(outcome.status == 1 && (line["chunks"] as? Int ?? 0) > 5)
      let problems = try #require(line["problems"] as? [String])
      #expect(problems.count == 1 && problems[0].contains("no dataset version"), "\(problems)")
    }
    expectFailure(try store.run("gc"), ["no dataset version"])
  }

  @Test func dropAndCollect() throws {
    let store = try DatasetFixture.copy()
    expectFailure(try store.run("dataset", "drop", "docs"), ["names no version"])
    expectFailure(try store.run("dataset", "drop", "docs@3"), ["no version 3"])
    #expect(try store.succeed("dataset", "drop", "docs@2").text == "dropped docs@2\n")
    let files = try store.chunkFiles().count
    let dry = try store.succeed("gc", "--dry-run", "--format", "json").objects()[0]
    #expect(dry["chunks"] as? Int == 1 && dry["collectedVersions"] as? [String] == ["docs@2"])
    #expect(try store.chunkFiles().count == files)
    #expect(
      try store.succeed("verify", "--format", "json").objects()[0]["unreferencedChunks"] as? Int
        == 1)
    let report = try store.succeed("gc", "--format", "json").objects()[0]
    #expect(report["chunks"] as? Int == 1 && report["bytes"] as? Int == dry["bytes"] as? Int)
    #expect(try store.chunkFiles().count == files - 1)
    #expect(
      try store.succeed("dataset", "cat", "docs").output
        == DatasetFixture.first.flatMap { Array($0.text.utf8) })
    #expect(try store.succeed("gc").text == "freed 0 B: 0 chunks, 0 pages\n")
    try store.succeed("dataset", "drop", "docs", "--all")
    try store.succeed("gc")
    try store.succeed("verify")
    let left = try store.succeed("dataset", "list", "--format", "json").objects()
    #expect(left.map { $0["name"] as? String } == ["ids", "packed", "raw"])
  }

  @Test func whatAReaderHasOpenIsKept() throws {
    let store = try DatasetFixture.copy()
    do {
      let open = try Dataset(
        DatasetReference(parsing: "docs@1"), in: Store(path: store.path, mode: .reading))
      try store.succeed("dataset", "drop", "docs", "--all")
      #expect(try store.succeed("gc").text.contains("docs@1: dropped, kept for a reader"))
      let reader = SampleReader(open)
      for (number, document) in DatasetFixture.first.enumerated() {
        #expect(try reader.sample(number) == document.bytes)
      }
    }
    let report = try store.succeed("gc", "--format", "json").objects()[0]
    #expect(report["collectedVersions"] as? [String] == ["docs@1"])
    #expect(report["keptForReaders"] as? [String] == [])
    #expect(report["chunks"] as? Int ?? 0 >= 4)
  }

  @Test func interruptedIngestsAreKeptUntilForgotten() throws {
    let store = try DatasetFixture.copy()
    do {
      let writing = try Store(path: store.path, mode: .writing)
      let writer = try DatasetWriter("part", kind: .bytes, in: writing)
      for number in 0..<4000 {
        let sample = (0..<4096).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0 &* $0) }
        if try sample.withUnsafeBytes({ try writer.append($0) }) { try writer.mark(Data()) }
      }
      try writer.suspend()
    }
    let kept = try store.succeed("gc", "--format", "json").objects()[0]
    #expect(kept["keptForInterruptedIngests"] as? [String] == ["part"])
    let dry = try store.succeed("gc", "--dry-run", "--interrupted", "--format", "json").objects()[0]
    #expect(dry["chunks"] as? Int ?? 0 > 0)
    #expect(try store.succeed("gc").text.contains("part: interrupted ingest, kept"))
    let gone = try store.succeed("gc", "--interrupted", "--format", "json").objects()[0]
    #expect(gone["chunks"] as? Int == dry["chunks"] as? Int)
    #expect(gone["forgottenIngests"] as? [String] == ["part"])
    #expect(try store.succeed("gc").text == "freed 0 B: 0 chunks, 0 pages\n")
    try store.succeed("verify")
  }
}
