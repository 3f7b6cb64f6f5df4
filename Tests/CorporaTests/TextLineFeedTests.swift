import Compression
import Testing

@testable import Corpora

@Suite struct TextLineFeedTests {
  /// One byte over and over, then an end of a line, then `b`.
  private final class LongLine: ByteSource {
    private var left: Int
    private(set) var largestRoom = 0

    init(bytes: Int) { left = bytes + 2 }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
      largestRoom = max(largestRoom, buffer.count)
      let count = min(buffer.count, left)
      for index in 0..<count {
        buffer[index] = left - index == 2 ? 0x0A : left - index == 1 ? 0x62 : 0x61
      }
      left -= count
      return count
    }
  }

  /// The buffer of a line over the limit does not grow with it.
  @Test func aLongLineTakesNoMemory() throws {
    let source = LongLine(bytes: 1 << 20)
    let feed = LineFeed(source, at: 0, limit: 1000, bufferBytes: 512)
    guard case .tooLong(let head) = try feed.next() else {
      Issue.record("it is over the limit")
      return
    }
    #expect(head.allSatisfy { $0 == 0x61 } && !head.isEmpty)
    #expect(source.largestRoom <= 4096)
    guard case .line(let line) = try feed.next() else {
      Issue.record("a line is left")
      return
    }
    #expect(Array(line) == [0x62] && feed.offset == (1 << 20) + 2)
  }
}
