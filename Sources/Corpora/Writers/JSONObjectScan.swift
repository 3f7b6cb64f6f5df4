/// Finds the members of a JSON object in its bytes, so that their values can be copied as they are.
///
/// For objects that were read strictly before; anything else gives `nil` or wrong ranges, never a
/// range outside the bytes.
enum JSONObjectScan {
  /// Where a member's name (with its quotes) and its value are.
  struct Member: Hashable {
    var name: Range<Int>
    var value: Range<Int>
  }

  /// The members in order, `nil` where the bytes are no object.
  ///
  /// - Complexity: one pass.
  static func members(of bytes: UnsafeRawBufferPointer) -> [Member]? {
    var scan = Scan(bytes: bytes)
    return scan.object()
  }

  private struct Scan {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    mutating func object() -> [Member]? {
      var members: [Member] = []
      guard take("{") else { return nil }
      if take("}") { return isAtEnd ? members : nil }
      repeat {
        skipSpace()
        let name = position
        guard skipString() else { return nil }
        let nameEnd = position
        guard take(":") else { return nil }
        skipSpace()
        let value = position
        guard skipValue() else { return nil }
        members.append(Member(name: name..<nameEnd, value: value..<position))
      } while take(",")
      guard take("}") else { return nil }
      return isAtEnd ? members : nil
    }

    private var isAtEnd: Bool {
      mutating get {
        skipSpace()
        return position == bytes.count
      }
    }

    private mutating func skipSpace() {
      while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
      byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
      position += 1
      return true
    }

    private mutating func skipString() -> Bool {
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return false }
      position += 1
      while position < bytes.count {
        switch bytes[position] {
        case UInt8(ascii: "\""):
          position += 1
          return true
        case UInt8(ascii: "\\"): position += 2
        default: position += 1
        }
      }
      position = bytes.count
      return false
    }

    private mutating func skipValue() -> Bool {
      var depth = 0
      let start = position
      while position < bytes.count {
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "\""):
          guard skipString() else { return false }
          if depth == 0 { return true }
          continue
        case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
          if depth == 0 { return position > start }
          depth -= 1
          if depth == 0 {
            position += 1
            return true
          }
        case UInt8(ascii: ","):
          if depth == 0 { return position > start }
        default:
          if depth == 0, Self.isSpace(byte) { return position > start }
        }
        position += 1
      }
      return depth == 0 && position > start
    }
  }
}
