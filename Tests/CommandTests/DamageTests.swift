import Files
import Foundation
import Testing

/// What the commands do with a store that was damaged behind their back.
@Suite struct DamageTests {
  @Test func aFlippedBitIsFoundNamedAndNotServed() throws {
    let store = try StoreFixture.copy()
    let folder = try store.folder("ds/layer1@2") + "/db/"
    let name = try #require(DurableFile.names(in: folder).first { $0.hasSuffix(".sst") })
    var bytes = try DurableFile.read(folder + name)
    let row = StoreFixture.row(1234)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: row) })
    bytes[place + 10] ^= 0x04
    try bytes.withUnsafeBytes { try DurableFile.write($0, to: folder + name) }

    let verify = try store.run("verify")
    #expect(verify.status == 1 && !verify.isCrash && verify.errors == "")
    let bad = verify.lines.filter { !$0.contains("all as published") }
    #expect(bad.allSatisfy { $0.hasPrefix("ds/layer1@2: ") })
    #expect(bad.contains { $0.contains("row 1234") && $0.contains("\(name) at byte \(place)") })
    #expect(bad.contains { $0.contains("\(name) has changed between bytes") })
    #expect(verify.lines.count - bad.count == 3)

    let json = try store.run("verify", "ds/layer1", "--format", "json")
    #expect(json.status == 1)
    #expect((try json.objects().first?["problems"] as? [String])?.isEmpty == false)

    for form in [["--raw"], ["--format", "json"], []] {
      expectFailure(
        try engram(
          ["memory", "lookup", "ds/layer1", "--rows", "1,1234", "--store", store.path] + form),
        ["row 1234 of ds/layer1@2", name, "byte \(place)"])
    }
    #expect(
      try store.succeed("lookup", "ds/layer1", "--rows", "1233,1235", "--raw").output
        == StoreFixture.row(1233) + StoreFixture.row(1235))
    #expect(
      try store.succeed("lookup", "ds/layer1@1", "--rows", "1234", "--raw").output == row)
    expectFailure(
      try store.run("export", "ds/layer1", "--to", store.scratch("out")), ["row 1234"])
  }

  @Test func anotherTablesPageDirectoryIsNoticedAndMended() throws {
    let store = try StoreFixture.copy()
    let pages = try store.folder("ds/layer1@2") + "/pages"
    let original = try DurableFile.read(pages)
    try DurableFile.remove(pages)
    try FileManager.default.copyItem(
      atPath: store.folder("ds/layer1@1") + "/pages", toPath: pages)

    let inspect = try store.succeed("inspect", "ds/layer1").text
    #expect(inspect.contains("built anew") && inspect.contains("another table"))
    #expect(
      try store.succeed("lookup", "ds/layer1", "--rows", "42", "--raw").output
        == StoreFixture.row(42))
    let verify = try store.run("verify", "ds/layer1")
    #expect(verify.status == 1 && verify.text.contains("another table"))

    let repair = try store.succeed("verify", "ds/layer1", "--repair").text
    #expect(repair.contains("written anew") && repair.contains("all as published"))
    #expect(try DurableFile.read(pages) == original)
    #expect(try !store.succeed("inspect", "ds/layer1").text.contains("built anew"))
    try store.succeed("verify")
  }

  /// The header of a source file is a part of what is exported.
  @Test func aDamagedHeaderIsNotExported() throws {
    let store = try StoreFixture.copy()
    let folder = try store.folder("ds/layer1@2")
    let manifest = try DurableFile.read(folder + "/manifest.json")
    let json = try JSONSerialization.jsonObject(with: Data(manifest))
    let fields = try #require(json as? [String: Any])
    let files = try #require((fields["source"] as? [String: Any])?["files"] as? [[String: String]])
    let name = try #require(files.first?["header"])
    var header = try DurableFile.read(folder + "/" + name)
    let space = try #require(header.lastIndex { $0 > 32 })
    header.insert(32, at: space)
    try header.withUnsafeBytes { try DurableFile.write($0, to: folder + "/" + name) }
    expectFailure(
      try store.run("export", "ds/layer1", "--to", store.scratch("out")),
      ["\(name) is corrupt", "not what was published"])
  }

  /// A list of what there is says nothing of one table by another's manifest.
  @Test func manifestsThatChangedPlacesAreNotListed() throws {
    let store = try StoreFixture.copy()
    let paths = try ["ds/layer1@2", "ds/layer14@2"].map { try store.folder($0) + "/manifest.json" }
    let contents = try paths.map { try DurableFile.read($0) }
    for (path, content) in zip(paths, contents.reversed()) {
      try DurableFile.write(String(decoding: content, as: UTF8.self), to: path)
    }
    expectFailure(try store.run("list"), ["manifest.json is corrupt", "another identity"])
  }

  @Test(arguments: ["manifest.json", "checksums", "db/CURRENT", "token-map.i32"])
  func aMissingFileIsReported(name: String) throws {
    let store = try StoreFixture.copy()
    try DurableFile.remove(store.folder("ds/layer14@2") + "/" + name)
    let verify = try store.run("verify", "ds/layer14")
    #expect(verify.status == 1 && !verify.isCrash && verify.text.contains(name))
    // The other tables are not affected.
    try store.succeed("verify", "ds/layer1")
  }

  @Test func aMissingTokenMapIsNamedWhereTokensAreLookedUp() throws {
    let store = try StoreFixture.copy()
    try DurableFile.remove(store.folder("ds/layer14@2") + "/token-map.i32")
    expectFailure(
      try store.run("lookup", "ds/layer14", "--tokens", "1,2,3"), ["token-map.i32 is corrupt"])
    try store.succeed("lookup", "ds/layer1", "--tokens", "1,2,3")
  }

  /// What is dropped while others look is neither an error nor damage.
  @Test func dropsBesideReadersDisturbNobody() throws {
    let store = try StoreFixture.copy()
    for version in 3...6 {
      let arguments = ["import", "--from", store.checkpoint, "--layer", "1", "--name", "ds"]
      try expectSuccess(["memory"] + arguments + ["--store", store.path])
      let readers = try ["list", "verify", "list"].map {
        try EngramProcess(["memory", $0, "--store", store.path])
      }
      try store.succeed("drop", "ds/layer1@\(version)")
      for reader in readers {
        let outcome = try reader.outcome()
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)\(outcome.text)")
      }
    }
  }

  @Test func aCatalogThatIsGoneIsAnErrorOfOneLine() throws {
    let store = try StoreFixture.copy()
    try DurableFile.remove(store.path + "/catalog/CURRENT")
    expectFailure(try store.run("list"), ["catalog"])
  }
}
