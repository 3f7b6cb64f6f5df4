import Foundation
import Testing

@testable import ContextStore

@Suite struct ClearTests {
  @Test func aPrefixGoesWithAllThatGoesOnFromIt() throws {
    let fixture = ContextFixture()
    var a = ContextFixture.prompt(1, blocks: 12)
    var b = a
    for index in (8 * 16)..<(12 * 16) { b[index] = a[index] + 1 }
    let apart = ContextFixture.prompt(2, blocks: 4)
    do {
      let space = try fixture.open().space(ContextFixture.namespace())
      for prompt in [a, b] { try space.putMade(prompt, 0..<12) }
      try space.putMade(apart, 0..<4)
      // Blocks 7 to 11 of both; the eighth, number 7, is theirs together.
      #expect(try space.clear(.tokens(Array(a[0..<(8 * 16)]))) == 9)
      #expect(try space.lookup(.tokens(a)).blockCount == 7)
      #expect(try space.lookup(.tokens(b)).blockCount == 7)
      #expect(try space.lookup(.tokens(apart)).blockCount == 4)
    }
    let space = try fixture.open().space(ContextFixture.namespace())
    #expect(try space.lookup(.tokens(a)).blockCount == 7)
    #expect(try space.lookup(.tokens(apart)).blockCount == 4)
    try space.putMade(a, 7..<8)
    #expect(try space.lookup(.tokens(a)).blockCount == 8)
    swap(&a, &b)
  }

  @Test func aNamespaceGoesWhole() throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(3, blocks: 40)
    do {
      let store = try fixture.open()
      let one = try store.space(ContextFixture.namespace("1"))
      let two = try store.space(ContextFixture.namespace("2"))
      try one.putMade(prompt, 0..<40)
      try two.putMade(prompt, 0..<5)
      #expect(try one.clear() == 40)
      #expect(try one.lookup(.tokens(prompt)).blockCount == 0)
      #expect(try two.lookup(.tokens(prompt)).blockCount == 5)
    }
    let store = try fixture.open()
    let kept = store.spaceStatistics().map(\.blocks).sorted()
    #expect(kept == [0, 5])
    #expect(try store.clearAll() == 5)
    #expect(store.statistics.blocks == 0)
  }

  @Test func whatIsClearedStaysSoAfterACrash() throws {
    let fixture = ContextFixture()
    let prompt = ContextFixture.prompt(4, blocks: 10)
    let copy = fixture.path + "-copy"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    do {
      let space = try fixture.open().space(ContextFixture.namespace())
      try space.putMade(prompt, 0..<10)
      #expect(try space.clear(.tokens(Array(prompt[0..<64]))) == 7)
      try FileManager.default.copyItem(atPath: fixture.path, toPath: copy)
    }
    let store = try ContextStore(path: copy, mode: .writing)
    let space = try store.space(ContextFixture.namespace())
    #expect(try space.lookup(.tokens(prompt)).blockCount == 3)
    #expect(try space.putMade(prompt, 3..<10).stored == 7)
  }
}
