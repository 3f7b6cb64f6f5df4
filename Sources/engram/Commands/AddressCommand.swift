import Addressing
import ArgumentParser
import Foundation

/// Row ids for token ids, line by line.
struct AddressCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "address",
    abstract: "Print the table rows that tokens read.",
    discussion: """
      Reads JSON lines: {"token_ids": [...]}, each line a sequence of its own, with "masked" \
      (0 or 1, or booleans) and "segment_ids" beside them where the scheme knows them; with \
      --tokenizer also {"text": "..."}. Prints one JSON line for each: rows by layer, one list a \
      token, in (order, head) order and with each column's offset added.

        echo '{"token_ids":[1,2,3]}' | engram address --preset qwen-ple
        engram address --preset deepseek-v4.1 --tokenizer tokenizer.json prompts.jsonl
        engram address --config config.json --token-map map.i32 --base 1000 < tokens.jsonl
      """)

  @OptionGroup var addressing: AddressingOptions
  @OptionGroup var source: TokenSourceOptions

  @Argument(help: ArgumentHelp("The lines; - is standard input.", valueName: "file"))
  var input = "-"

  func run() throws {
    let layers = try addressing.resolved()
    let tokens = try source.resolved()
    let hasher = try NgramHasher(layers, tokenMap: tokens.map)
    var output = AddressLineWriter(layers: layers)
    try StandardStreams.forEachLine(of: input) { line, number in
      do {
        let request = try AddressRequest(line: line)
        let ids = try request.tokenIDs(from: tokens)
        let rows = try hasher.rows(
          for: ids, masked: request.masked?.map(\.isSet), segments: request.segmentIDs)
        try output.write(rows, tokens: ids.count)
      } catch {
        // What was asked for before the bad line stands.
        try output.flush()
        throw CommandError("line \(number) of \(input == "-" ? "standard input" : input): \(error)")
      }
    }
    try output.flush()
  }
}

/// One line of input.
struct AddressRequest: Decodable {
  /// A flag as programs write it: 0, 1, false or true.
  struct Flag: Decodable {
    let isSet: Bool

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let number = try? value.decode(Int.self), number == 0 || number == 1 {
        isSet = number == 1
      } else {
        isSet = try value.decode(Bool.self)
      }
    }
  }

  let tokenIDs: [Int]?
  let text: String?
  let masked: [Flag]?
  let segmentIDs: [Int32]?

  private enum CodingKeys: String, CodingKey {
    case tokenIDs = "token_ids"
    case text
    case masked
    case segmentIDs = "segment_ids"
  }

  /// Parses a line.
  init(line: UnsafeRawBufferPointer) throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(line))
    } catch DecodingError.keyNotFound(let key, _) {
      throw CommandError("\(key.stringValue) is missing")
    } catch DecodingError.typeMismatch(_, let context),
      DecodingError.valueNotFound(_, let context)
    {
      throw CommandError("\(Self.place(context)) has the wrong type")
    } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
      throw CommandError("\(Self.place(context)) is out of range")
    } catch {
      throw CommandError("is not JSON", hint: "write an object with \"token_ids\"")
    }
  }

  /// The line's token ids, or those of its text.
  func tokenIDs(from source: TokenSource) throws -> [Int32] {
    switch (tokenIDs, text) {
    case (let ids?, nil):
      return try ids.enumerated().map { index, id in
        guard let token = Int32(exactly: id) else {
          throw CommandError("token_ids[\(index)] is \(id), which is no token id")
        }
        return token
      }
    case (nil, let text?):
      guard let encode = source.encode else {
        throw CommandError("\"text\" needs a tokenizer", hint: "give --tokenizer, or token_ids")
      }
      return try encode(text)
    default: throw CommandError("needs either \"token_ids\" or \"text\"")
    }
  }

  private static func place(_ context: DecodingError.Context) -> String {
    let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
    return path.isEmpty ? "the line" : path.joined()
  }
}

/// Writes `{"rows":{"<layer>":[[...],...]}}` lines to standard output, in large pieces.
struct AddressLineWriter {
  private let layers: [(name: String, columns: Int)]
  private var bytes: [UInt8] = []

  /// A writer of lines for `layers`, in this order.
  init(layers: [Addressing]) {
    self.layers = layers.map { ("\($0.layer)", $0.columns) }
  }

  /// Adds a line.
  ///
  /// - Parameter rows: as a hasher gives them: layer after layer, each [tokens, columns].
  mutating func write(_ rows: [Int64], tokens: Int) throws {
    var next = 0
    append("{\"rows\":{")
    for (index, layer) in layers.enumerated() {
      append(index == 0 ? "\"" : ",\"")
      append(layer.name)
      append("\":[")
      for token in 0..<tokens {
        append(token == 0 ? "[" : ",[")
        for column in 0..<layer.columns {
          if column > 0 { bytes.append(UInt8(ascii: ",")) }
          append(rows[next].description)
          next += 1
        }
        bytes.append(UInt8(ascii: "]"))
      }
      bytes.append(UInt8(ascii: "]"))
    }
    append("}}\n")
    // Small answers go out at once: a program may wait for them before its next line.
    try flush()
  }

  /// Writes out what was added.
  mutating func flush() throws {
    guard !bytes.isEmpty else { return }
    try bytes.withUnsafeBytes { try StandardStreams.write($0) }
    bytes.removeAll(keepingCapacity: true)
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
