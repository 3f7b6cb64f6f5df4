import Foundation
import TestStores
import Testing

@testable import Service

/// Rows that are gathered on the thread of their connection, and what sends them elsewhere.
@Suite(.inAProcessOfItsOwn)
struct RowsInPlaceTests {
  @Test func aGatherThatHadToWaitSendsOthersAwayForAWhile() {
    let start = ContinuousClock.now
    let warmth = Warmth()
    #expect(warmth.isLikely(at: start + .seconds(1)))
    warmth.learn(.milliseconds(20), at: start)
    #expect(!warmth.isLikely(at: start + .milliseconds(99)))
    #expect(warmth.isLikely(at: start + .milliseconds(100)))
  }

  @Test func theWhileGrowsWithEveryWaitAndIsBounded() {
    var now = ContinuousClock.now
    let warmth = Warmth()
    for turn in 0..<20 {
      warmth.learn(.milliseconds(20), at: now)
      let wait = Duration.milliseconds(min(10_000, 100 << turn))
      #expect(!warmth.isLikely(at: now + wait - .milliseconds(1)))
      #expect(warmth.isLikely(at: now + wait))
      now = now + wait
    }
    // Gathers that do not wait bring it down again.
    for _ in 0..<10 { warmth.learn(.microseconds(50), at: now) }
    #expect(warmth.isLikely(at: now))
    warmth.learn(.milliseconds(20), at: now)
    #expect(warmth.isLikely(at: now + .milliseconds(100)))
  }

  @Test func rowsAreTheSameWhereverTheyAreGathered() async throws {
    let numbers = (0..<1024).map { Int64($0 * 7 % ServedStore.plainRows) }
    try await withService { running in
      let here = try await running.post("/v1/tables/plain/rows", bytes(numbers)).body
      // From now on the pool gathers them.
      running.service.state.warmth.learn(.seconds(1))
      #expect(!running.service.state.warmth.isLikely())
      let elsewhere = try await running.post("/v1/tables/plain/rows", bytes(numbers)).body
      #expect(here.count == 1024 * 128 && here == elsewhere)
    }
  }

  @Test(arguments: ["zz\r\n", "-8\r\n", "10000000000000000\r\n"])
  func aBodyOfBrokenChunksIsTheClientsFault(chunk: String) async throws {
    try await withService { running in
      let wire = try running.connect()
      try await wire.send(
        "POST /v1/tables/plain/rows HTTP/1.1\r\nHost: t\r\n"
          + "Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk)
      let answer = try await wire.answer()
      #expect(answer.status == 400 && (answer.code == "invalid" || answer.body.isEmpty))
    }
  }
}
