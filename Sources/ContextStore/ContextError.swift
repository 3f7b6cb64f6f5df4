/// What can go wrong with a context store. Each prints as one line: what, where, what to do.
///
/// Nothing that is merely missing is among them: a block that is not there, or not any more, is a miss.
public enum ContextError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There is no context store in this folder.
  case noStore(path: String)
  /// The folder holds something else.
  case notAStore(path: String)
  /// A newer program wrote it.
  case newerFormat(path: String, found: Int, supported: Int)
  /// Another process writes to it now.
  case writerIsActive(path: String, processIdentifier: Int32?)
  /// It was opened for reading.
  case readOnly(path: String)
  /// It was closed.
  case closed(path: String)
  /// A description of a namespace that makes no sense.
  case badNamespace(String)
  /// A number among the options that makes no sense.
  case badOption(name: String, found: String, expected: String)
  /// A block of this layout is larger than a segment.
  case blockTooLarge(bytes: Int, segmentBytes: Int, neededSegment: Int)
  /// The layout has no such group.
  case noSuchGroup(name: String, known: [String])
  /// The bytes of a group are not as many as its layout says.
  case wrongPartSize(group: String, expected: Int, found: Int, shape: String)
  /// A put names no group.
  case noParts
  /// More blocks were named than the tokens or keys make.
  case blocksOutOfRange(first: Int, count: Int, available: Int)
  /// Layers outside the group's.
  case layersOutOfRange(group: String, first: Int, count: Int, layers: Int)
  /// A row number outside the prefix.
  case rowOutOfRange(group: String, row: Int64, rows: Int)
  /// A token id that no vocabulary has: below 0.
  case badToken(id: Int32, position: Int)
  /// Keys are 32 bytes each.
  case badKeys(bytes: Int)
  /// The caller's buffer is too small.
  case bufferTooSmall(needed: Int, given: Int)
  /// A row that was asked for is not there: never put, or found damaged.
  case missing(group: String, layer: Int, row: Int64)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .noStore(let path):
      "no context store at \(path); a serving engine makes one when it opens it for writing"
    case .notAStore(let path):
      "\(path) is not empty and no context store; choose an empty or a new folder"
    case .newerFormat(let path, let found, let supported):
      "\(path) has format \(found), this program reads up to \(supported); use a newer engram"
    case .writerIsActive(let path, let process):
      "\(path) is being written by process \(process.map(String.init) ?? "unknown"); open it for "
        + "reading, or give this process a folder of its own"
    case .readOnly(let path): "\(path) was opened for reading; open it for writing to change it"
    case .closed(let path): "\(path) was closed; open it again"
    case .badNamespace(let reason): "this namespace makes no sense: \(reason)"
    case .badOption(let name, let found, let expected): "\(name) is \(found); give \(expected)"
    case .blockTooLarge(let bytes, let segment, let needed):
      "a block of this layout takes \(bytes) bytes, a segment holds \(segment); give the store segments "
        + "of at least \(needed) bytes and a capacity of nine of them, or blocks of fewer tokens"
    case .noSuchGroup(let name, let known):
      "the layout has no group \(name); it has \(known.joined(separator: ", "))"
    case .wrongPartSize(let group, let expected, let found, let shape):
      "group \(group) has \(found) bytes; \(shape) is \(expected)"
    case .noParts: "a put names no group; give the bytes of one at least"
    case .blocksOutOfRange(let first, let count, let available):
      "blocks \(first) to \(first + count) were named; the prompt has \(available) whole ones"
    case .layersOutOfRange(let group, let first, let count, let layers):
      "layers \(first) to \(first + count) of group \(group) were named; it has \(layers)"
    case .rowOutOfRange(let group, let row, let rows):
      "row \(row) of group \(group) is outside the prefix, which has rows 0 to \(rows - 1)"
    case .badToken(let id, let position):
      "token \(id) at position \(position) is below 0; give the tokenizer's ids"
    case .badKeys(let bytes): "\(bytes) bytes are no whole number of keys; give 32 bytes a block"
    case .bufferTooSmall(let needed, let given):
      "the buffer has \(given) bytes; \(needed) are needed"
    case .missing(let group, let layer, let row):
      "row \(row) of layer \(layer) of group \(group) is not there; compute it again"
    }
  }
}
