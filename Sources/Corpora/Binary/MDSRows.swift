import Samples
import StrictJSON

/// Makes samples of the rows of shards with the same columns.
///
/// A row: the sizes of the values whose size is not fixed (4 bytes each, little-endian), then all
/// values, in the order of the columns.
struct MDSRows {
  private let columns: [MDSIndex.Column]
  private let options: CorpusOptions
  private let kind: SampleKind
  private let tokens: TokenLayout
  private let main: Int
  private let starts: Int?

  /// - Throws: `BinaryFault` where the columns are not those of samples of `kind`.
  init(
    _ columns: [MDSIndex.Column], options: CorpusOptions, kind: SampleKind, tokens: TokenLayout?
  ) throws(BinaryFault) {
    self.columns = columns
    self.options = options
    self.kind = kind
    self.tokens = tokens ?? TokenLayout(width: 4)
    let names =
      columns.prefix(20).map { oneLine($0.name.utf8) }.joined(separator: ", ")
      + (columns.count > 20 ? " and \(columns.count - 20) more" : "")
    let found: Int?
    switch kind {
    case .document:
      found = columns.firstIndex { $0.name == options.textField }
      guard let found, [.text, .bytes].contains(columns[found].encoding) else {
        throw BinaryFault(
          "it has no column \(options.textField) of text, its columns are \(names); "
            + "name one with --text-field")
      }
    case .tokens:
      found = MDSLayout.idColumn(columns)
      guard found != nil else {
        throw BinaryFault("it has no single column of integer arrays, its columns are \(names)")
      }
    case .bytes:
      found = columns.count == 1 && [.bytes, .text].contains(columns[0].encoding) ? 0 : nil
      guard found != nil else {
        throw BinaryFault("it has not one column of bytes, its columns are \(names)")
      }
    }
    main = found ?? 0
    starts = self.tokens.hasBoundaries ? MDSLayout.startsColumn(columns) : nil
    guard kind != .tokens || !self.tokens.hasBoundaries || starts != nil else {
      throw BinaryFault("it has no column starts, as other sources have")
    }
  }

  /// Appends a row's sample.
  ///
  /// - Throws: `BinaryFault` where the row is bad.
  func append(
    _ row: [UInt8], to bytes: inout [UInt8]
  ) throws(BinaryFault) -> RecordOutcome {
    let values = try split(row)
    switch kind {
    case .bytes:
      bytes.append(contentsOf: row[values[main]])
      return .sample
    case .tokens: return try appendTokens(row, values, to: &bytes)
    case .document:
      var document = DocumentParts()
      document.text = Array(row[values[main]])
      for index in columns.indices where index != main {
        try add(columns[index], Array(row[values[index]]), to: &document)
      }
      document.complete(options)
      return document.append(options, to: &bytes)
    }
  }

  private func split(_ row: [UInt8]) throws(BinaryFault) -> [Range<Int>] {
    let head = 4 * columns.count { $0.encoding.size == nil }
    guard head <= row.count else { throw BinaryFault("its \(row.count) bytes hold no sizes") }
    var size = 0
    var place = head
    var ranges: [Range<Int>] = []
    for column in columns {
      let count: Int
      if let fixed = column.encoding.size {
        count = fixed
      } else {
        count = Int(row.number(UInt32.self, at: size))
        size += 4
      }
      guard count <= row.count - place else {
        throw BinaryFault("its column \(oneLine(column.name.utf8)) ends behind it")
      }
      ranges.append(place..<place + count)
      place += count
    }
    guard place == row.count else {
      throw BinaryFault("it has \(row.count - place) bytes that belong to no column")
    }
    return ranges
  }

  private func appendTokens(
    _ row: [UInt8], _ values: [Range<Int>], to bytes: inout [UInt8]
  ) throws(BinaryFault) -> RecordOutcome {
    guard case .array(let element, let shape) = columns[main].encoding else { return .end }
    let value = Array(row[values[main]])
    let array = try MDSArray(value, element: element, shape: shape)
    guard case .integer(let type) = array.element, array.shape.count <= 1 else {
      throw BinaryFault("its \(oneLine(columns[main].name.utf8)) is no array [tokens] of integers")
    }
    let failure = value.withUnsafeBytes {
      type.append(
        UnsafeRawBufferPointer(rebasing: $0[array.range]), width: tokens.width, to: &bytes)
    }
    if let failure {
      throw BinaryFault(
        "its token \(failure.index) is \(failure.value), which is no token id of "
          + "\(tokens.width) bytes")
    }
    if let starts {
      let places = try self.places(
        Array(row[values[starts]]), tokens: array.range.count / type.size)
      tokens.append(ids: [], starts: places, to: &bytes)
    }
    return .sample
  }

  /// Places as JSON: ascending, each in the sample.
  private func places(_ json: [UInt8], tokens: Int) throws(BinaryFault) -> [Int] {
    guard let elements = try? StartsText.read(json), elements.allSatisfy({ 0...tokens ~= $0 }),
      zip(elements, elements.dropFirst()).allSatisfy({ $0 < $1 })
    else { throw BinaryFault("its starts are no ascending places of the sample") }
    return elements
  }

  private func add(
    _ column: MDSIndex.Column, _ value: [UInt8], to document: inout DocumentParts
  ) throws(BinaryFault) {
    let name = oneLine(column.name.utf8)
    let json: [UInt8]
    switch column.encoding {
    case .text:
      if UTF8Check.firstFault(in: value) != nil { throw BinaryFault("its \(name) is not UTF-8") }
      json = JSONText.quoted(value)
    case .bytes:
      var text = [UInt8(ascii: "\"")]
      value.withUnsafeBytes { Base64Text.append($0, to: &text) }
      json = text + [UInt8(ascii: "\"")]
    case .digits:
      if UTF8Check.firstFault(in: value) != nil { throw BinaryFault("its \(name) is not UTF-8") }
      json = JSONText.isNumber(value) ? value : JSONText.quoted(value)
    case .integer(let type): json = MDSElement.integer(type).json(value, at: 0)
    case .number(let size): json = MDSElement.number(size: size).json(value, at: 0)
    case .array(let element, let shape):
      json = try MDSArray(value, element: element, shape: shape).json(value)
    case .json: return try addJSON(column, value, to: &document)
    }
    _ = document.set(column.name.utf8, json: json)
  }

  /// A JSON column is a member. The object `metadata`, as `MDSFolderWriter` writes it, is the
  /// metadata itself, with the id as it was, unless its members are called as other columns are.
  private func addJSON(
    _ column: MDSIndex.Column, _ value: [UInt8], to document: inout DocumentParts
  ) throws(BinaryFault) {
    let root: JSONValue
    do { root = try JSONDocument(value).root } catch {
      throw BinaryFault("its \(oneLine(column.name.utf8)) is no JSON: \(error)")
    }
    guard column.name == "metadata", root.members != nil,
      case .success(let object) = JSONMembers.read(value),
      object.members.allSatisfy({ isFree($0.name) })
    else {
      _ = document.set(column.name.utf8, json: value)
      return
    }
    for member in object.members {
      _ = document.remove(member.name)
      _ = document.set(member.name, json: member.json)
    }
  }

  private func isFree(_ name: [UInt8]) -> Bool {
    name.elementsEqual("id".utf8) || !columns.contains { $0.name.utf8.elementsEqual(name) }
  }
}
