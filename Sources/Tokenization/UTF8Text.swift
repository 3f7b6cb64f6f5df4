/// UTF-8 as bytes: checked once, then decoded without checks.
enum UTF8Text {
  /// The offset of the first byte that is not part of well-formed UTF-8, `nil` where all is well.
  ///
  /// - Complexity: one pass, eight bytes a step over ASCII.
  static func firstError(in text: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let base = text.baseAddress else { return nil }
    let raw = UnsafeRawPointer(base)
    let count = text.count
    var index = 0
    while index < count {
      if index + 8 <= count,
        raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        index += 8
        continue
      }
      let first = base[index]
      if first < 0x80 {
        index += 1
        continue
      }
      let length: Int
      var low: UInt8 = 0x80
      var high: UInt8 = 0xBF
      switch first {
      case 0xC2...0xDF: length = 2
      case 0xE0:
        length = 3
        low = 0xA0
      case 0xED:
        length = 3
        high = 0x9F
      case 0xE1...0xEF: length = 3
      case 0xF0:
        length = 4
        low = 0x90
      case 0xF4:
        length = 4
        high = 0x8F
      case 0xF1...0xF3: length = 4
      default: return index
      }
      guard index + length <= count, base[index + 1] >= low, base[index + 1] <= high else {
        return index
      }
      for offset in 2..<max(2, length) where base[index + offset] & 0xC0 != 0x80 { return index }
      index += length
    }
    return nil
  }

  /// Whether every byte is ASCII.
  static func isASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let base = text.baseAddress else { return true }
    let raw = UnsafeRawPointer(base)
    var index = 0
    while index + 8 <= text.count {
      if raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 {
        return false
      }
      index += 8
    }
    while index < text.count {
      if base[index] >= 0x80 { return false }
      index += 1
    }
    return true
  }

  /// The scalar that begins at `position` and its length in bytes.
  ///
  /// The bytes must be well-formed UTF-8 and `position` the first byte of a scalar.
  @inline(__always)
  static func scalar(
    _ base: UnsafePointer<UInt8>, _ position: Int
  ) -> (value: UInt32, length: Int) {
    let first = UInt32(base[position])
    if first < 0x80 { return (first, 1) }
    let second = UInt32(base[position + 1] & 0x3F)
    if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
    let third = UInt32(base[position + 2] & 0x3F)
    if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
    let fourth = UInt32(base[position + 3] & 0x3F)
    return ((first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
  }

  /// The start of the scalar that ends just before `position`.
  static func previous(_ base: UnsafePointer<UInt8>, _ position: Int) -> Int {
    var start = position - 1
    while start > 0, base[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }

  /// Appends a scalar's bytes.
  @inline(__always)
  static func append(_ value: UInt32, to bytes: inout [UInt8]) {
    if value < 0x80 {
      bytes.append(UInt8(value))
    } else if value < 0x800 {
      bytes.append(UInt8(0xC0 | value >> 6))
      bytes.append(UInt8(0x80 | value & 0x3F))
    } else if value < 0x10000 {
      bytes.append(UInt8(0xE0 | value >> 12))
      bytes.append(UInt8(0x80 | value >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | value & 0x3F))
    } else {
      bytes.append(UInt8(0xF0 | value >> 18))
      bytes.append(UInt8(0x80 | value >> 12 & 0x3F))
      bytes.append(UInt8(0x80 | value >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | value & 0x3F))
    }
  }
}
