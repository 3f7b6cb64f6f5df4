import Digests
import SeededRandom
import Testing

@testable import Deduplication

@Suite struct ExactDuplicatesTests {
  @Test func copiesAreFoundAndNothingElse() throws {
    var seen = try ExactDuplicates(memory: 1 << 20)
    for number in 0..<10_000 { #expect(seen.insert(key("text \(number)"), number: number) == nil) }
    for number in 0..<10_000 {
      #expect(seen.insert(key("text \(number)"), number: -1 + 20_000) == number)
    }
    #expect(seen.insert(key("Text 1"), number: 30_000) == nil)
    #expect(seen.insert(key(""), number: 30_001) == nil)
    #expect(seen.insert(key(""), number: 30_002) == 30_001)
    #expect(seen.count == 10_002 && seen.forgotten == 0)
  }

  @Test func aKeyIsTheStartOfTheDigest() {
    let key = ContentKey(SHA256Digest(of: "abc"))
    #expect(key.high == 0xba78_16bf_8f01_cfea && key.low == 0x4141_40de_5dae_2223)
  }

  /// At the limit the oldest go first, and all is counted: nothing else differs from a plain set.
  @Test func memoryIsBoundedAndForgettingIsCounted() throws {
    for memory in [4_096, 5_000, 100_000] {
      var seen = try ExactDuplicates(memory: memory)
      let total = seen.capacity * 5 + 3
      for number in 0..<total {
        #expect(seen.insert(key("\(number)"), number: number) == nil)
        #expect(seen.memory <= memory)
        #expect(seen.count + seen.forgotten == number + 1)
        // What is certain to be remembered.
        let recent = max(0, number - seen.capacity + 1)
        #expect(seen.insert(key("\(recent)"), number: total) == recent)
      }
      #expect(seen.forgotten > 0 && seen.count >= seen.capacity && seen.count <= 2 * seen.capacity)
      #expect(seen.insert(key("0"), number: total) == nil)
    }
  }

  @Test func keysThatBeginAlikeAreToldApart() throws {
    var seen = try ExactDuplicates(memory: 100_000)
    for low in 0..<500 as Range<UInt64> {
      #expect(seen.insert(ContentKey(high: .max, low: low), number: Int(low)) == nil)
    }
    for low in 0..<500 as Range<UInt64> {
      #expect(seen.insert(ContentKey(high: .max, low: low), number: 999) == Int(low))
    }
  }

  @Test func tooLittleMemoryIsRefused() {
    for memory in [Int.min, -1, 0, 4_095] {
      #expect(throws: DeduplicationError.memoryTooSmall(bytes: memory, needed: 4_096)) {
        try ExactDuplicates(memory: memory)
      }
    }
  }
}
