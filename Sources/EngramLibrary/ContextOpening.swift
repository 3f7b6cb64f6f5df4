import ContextStore
import StrictJSON

/// How a context store is to be opened, as JSON says it.
struct ContextOpening {
  var mode = ContextStore.Mode.writing
  var options = ContextStore.Options()

  /// Reads {"mode":...,"capacity_bytes":...,"segment_bytes":...}; all may be left out.
  ///
  /// - Throws: `ContextError.badOption`.
  init(json: String) throws {
    for (name, value) in try Self.members(json, "the options") {
      switch name {
      case "mode":
        switch value.text {
        case "writing": mode = .writing
        case "reading": mode = .reading
        default:
          throw ContextError.badOption(
            name: "mode", found: value.text ?? "no string", expected: "\"writing\" or \"reading\"")
        }
      case "capacity_bytes" where !value.isNull: options.capacityBytes = try Self.bytes(value, name)
      case "segment_bytes" where !value.isNull: options.segmentBytes = try Self.bytes(value, name)
      case "capacity_bytes", "segment_bytes": break
      default:
        throw ContextError.badOption(
          name: "an option", found: name, expected: "mode, capacity_bytes or segment_bytes")
      }
    }
  }

  /// Reads seconds by group name.
  ///
  /// - Throws: `ContextError.badOption`.
  static func lifetimes(_ json: String) throws -> [String: Double] {
    var lifetimes: [String: Double] = [:]
    for (name, value) in try members(json, "the lifetimes") {
      guard let seconds = value.number else {
        throw ContextError.badOption(
          name: "the lifetime of \(name)", found: "no number", expected: "seconds")
      }
      lifetimes[name] = seconds
    }
    return lifetimes
  }

  private static func bytes(_ value: JSONValue, _ name: String) throws -> Int {
    guard let bytes = value.integer else {
      throw ContextError.badOption(
        name: name, found: "no whole number", expected: "bytes, or leave it out")
    }
    return bytes
  }

  private static func members(_ json: String, _ what: String) throws -> [(String, JSONValue)] {
    do {
      if let members = try JSONDocument(Array(json.utf8)).root.members {
        return members.map { (String(decoding: $0.name, as: UTF8.self), $0.value) }
      }
    } catch {
      throw ContextError.badOption(name: what, found: "no JSON: \(error)", expected: "an object")
    }
    throw ContextError.badOption(name: what, found: "no object", expected: "an object")
  }
}
