import Compression
import Samples
import StrictJSON

/// A JSON object a line, in a file or a part of one.
final class JSONLinesSource: RecordSource {
  private let unit: CorpusUnit
  private let options: CorpusOptions
  private let source: SourceFile
  private let lines: LineFeed
  private let end: Int
  private(set) var position: CorpusPosition
  private var builder: JSONLineDocument

  /// Where reading began, and the line ends before that, once somebody asked.
  private let start: Int
  private var linesBeforeStart: Int?
  /// Line ends between `start` and the line that was read last.
  private var linesPassed = 0
  private let isFromPartStart: Bool

  init(_ unit: CorpusUnit, from position: CorpusPosition, options: CorpusOptions) throws {
    self.unit = unit
    self.options = options
    self.position = position
    builder = JSONLineDocument(options)
    let partStart = unit.part?.lowerBound ?? 0
    end = unit.part?.upperBound ?? .max
    isFromPartStart = position.offset <= partStart
    start = max(position.offset, partStart)
    if unit.compression == .none, unit.path != "-" {
      // The byte before the part says whether a line starts with it.
      let isInside = isFromPartStart && partStart > 0
      source = try unit.open(startingAt: isInside ? start - 1 : start)
      lines = LineFeed(source, at: isInside ? start - 1 : start, limit: options.recordLimit)
      if start == 0 { linesBeforeStart = 0 }
      if isInside {
        try lines.skipLine()
        if lines.offset > start, lines.wasEnded { linesPassed = 1 }
      }
    } else {
      source = try unit.open()
      lines = LineFeed(source, at: 0, limit: options.recordLimit)
      linesBeforeStart = try lines.countAndSkip(start)
    }
    self.position.offset = lines.offset
  }

  var isUnchanged: Bool { source.isUnchanged }
  var number: Int { position.records + 1 }

  func nameOfLast(_ number: Int) -> Int? { try? lineNumber() }

  /// The number in the file, from 1, of the line that was read last.
  private func lineNumber() throws -> Int {
    let before =
      try linesBeforeStart ?? unit.lines?.before(start, in: unit)
      ?? LineCounts.count(0..<start, of: unit)
    linesBeforeStart = before
    return before + linesPassed + (isBehindLine ? 0 : 1)
  }

  /// Whether `linesPassed` counts the line that was read last.
  private var isBehindLine = true

  func next(to bytes: inout [UInt8]) throws -> RecordOutcome {
    while true {
      if !isBehindLine { pass() }
      let lineStart = lines.offset
      guard lineStart < end else {
        noteCount(lastStart: lineStart)
        return .end
      }
      isBehindLine = false
      let line = try lines.next()
      switch line {
      case .end:
        isBehindLine = true
        noteCount(lastStart: lineStart)
        return .end
      case .tooLong(let head):
        advance()
        return .bad(
          reason: "this line has more than \(options.recordLimit) bytes; raise --record-limit",
          excerpt: head)
      case .line(var line):
        if lineStart == 0, line.starts(with: [0xEF, 0xBB, 0xBF]) {
          line = UnsafeRawBufferPointer(rebasing: line.dropFirst(3))
        }
        if line.allSatisfy(Self.isSpace) { continue }
        advance()
        let outcome = try builder.append(line, to: &bytes) {
          JSONText.quoted("\(unit.name):\(try lineNumber())".utf8)
        }
        return outcome
      }
    }
  }

  private func advance() {
    position.records += 1
    position.offset = lines.offset
  }

  private func pass() {
    linesPassed += lines.wasEnded ? 1 : 0
    isBehindLine = true
  }

  /// Tells other parts how many line ends this one has: those of the lines that were read, less
  /// that of the last one, where it lies behind the part.
  private func noteCount(lastStart: Int) {
    guard isFromPartStart, let part = unit.part else { return }
    unit.lines?.note(linesPassed - (lastStart > part.upperBound ? 1 : 0), partAt: part.lowerBound)
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0D || byte == 0x09
  }
}
