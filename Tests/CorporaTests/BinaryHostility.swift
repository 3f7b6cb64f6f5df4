import SeededRandom
import Testing

@testable import Corpora

/// Runs `read` on every prefix of `bytes` and on copies with bits turned over; nothing may crash.
///
/// - Returns: how many of the copies gave bad records.
@discardableResult
func beHostile(
  _ bytes: [UInt8], flips: Int, seed: UInt64, _ read: ([UInt8]) throws -> BinaryReading
) throws -> (prefixes: Int, flips: Int) {
  var badPrefixes = 0
  for count in 0..<bytes.count where bytes.count < 4096 || count % 7 == 0 {
    if try !read(Array(bytes[..<count])).bad.isEmpty { badPrefixes += 1 }
  }
  var generator = SeededGenerator(seed: seed)
  var badFlips = 0
  for _ in 0..<flips {
    var copy = bytes
    for _ in 0...Int.random(in: 0...2, using: &generator) {
      copy[Int.random(in: 0..<copy.count, using: &generator)] ^=
        1 << UInt8.random(in: 0...7, using: &generator)
    }
    if try !read(copy).bad.isEmpty { badFlips += 1 }
  }
  return (badPrefixes, badFlips)
}
