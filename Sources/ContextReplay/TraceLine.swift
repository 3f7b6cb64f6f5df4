import StrictJSON

/// A line of a trace: `{"time":12.5,"session":"a3","shared":2,"tokens":[3,4]}`.
struct TraceLine {
  var time = 0.0
  var session = ""
  /// Tokens that the prompt begins with, those of the session's prompt before it.
  var shared = 0
  /// The tokens behind them.
  var tokens: [Int32] = []

  /// What is wrong with a line.
  struct Problem: Error {
    var reason: String
  }

  /// Reads a line; members of other names are refused.
  ///
  /// - Throws: `Problem`.
  init(_ bytes: [UInt8]) throws(Problem) {
    let document: JSONDocument
    do { document = try JSONDocument(bytes) } catch { throw Problem(reason: "no JSON: \(error)") }
    guard let members = document.root.members else {
      throw Problem(reason: "no JSON object; write {\"time\":0,\"tokens\":[1,2,3]}")
    }
    var seen: Set<String> = []
    for (bytes, value) in members {
      let name = String(decoding: bytes, as: UTF8.self)
      guard seen.insert(name).inserted else {
        throw Problem(reason: "\(Self.quoted(name)) stands there twice")
      }
      try take(name, value)
    }
    guard seen.contains("tokens") else { throw Problem(reason: "\"tokens\" is missing") }
    guard shared == 0 || seen.contains("session") else {
      throw Problem(reason: "\"shared\" without \"session\": shared with what?")
    }
  }

  private mutating func take(_ name: String, _ value: JSONValue) throws(Problem) {
    switch name {
    case "time":
      guard let time = value.number, time >= 0, time <= 1e12 else {
        throw Problem(reason: "\"time\" is no number of seconds, 0 to 1e12")
      }
      self.time = time
    case "session":
      guard let text = value.text, text.utf8.count <= 256 else {
        throw Problem(reason: "\"session\" is no string of at most 256 bytes")
      }
      session = text
    case "shared":
      guard let count = value.integer, count >= 0 else {
        throw Problem(reason: "\"shared\" is no count of tokens")
      }
      shared = count
    case "tokens":
      guard let elements = value.elements else {
        throw Problem(reason: "\"tokens\" is no list of token ids")
      }
      guard elements.count <= TraceReader.promptLimit else {
        throw Problem(reason: "a prompt of more than \(TraceReader.promptLimit) tokens")
      }
      tokens.reserveCapacity(elements.count)
      for element in elements {
        guard let id = element.integer.flatMap({ Int32(exactly: $0) }), id >= 0 else {
          throw Problem(
            reason: "token \(tokens.count) of \"tokens\" is no whole number from 0 to 2147483647")
        }
        tokens.append(id)
      }
    default:
      throw Problem(
        reason: "unknown member \(Self.quoted(name)); known are time, session, shared and tokens")
    }
  }

  private static func quoted(_ name: String) -> String {
    "\"" + String(name.prefix(32)).filter { !$0.isNewline } + "\""
  }
}
