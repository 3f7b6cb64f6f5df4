import Serving

/// One JSON object a line on standard output: what programs read.
enum JSONLine {
  static func print(_ value: some Encodable) throws {
    Swift.print(String(decoding: try JSONBody.encode(value), as: UTF8.self))
  }
}
