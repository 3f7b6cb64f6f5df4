/// What BERT's tokenizers do to text before they cut it.
struct BertNormalizer: Sendable {
  var cleansText = true
  var spacesChinese = true
  var stripsAccents = true
  var lowercases = true

  /// The text, cleaned, with spaces around ideographs, without accents, in lower case: each where
  /// it is asked for.
  func normalized(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count + 16)
    text.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      var position = 0
      while position < buffer.count {
        let (value, length) = UTF8Text.scalar(base, position)
        position += length
        append(value, to: &result)
      }
    }
    if stripsAccents {
      result = UnicodeText.withoutNonspacingMarks(UnicodeText.normalized(result, .nfd))
    }
    return lowercases ? UnicodeText.lowercasedByScalar(result) : result
  }

  private func append(_ value: UInt32, to result: inout [UInt8]) {
    var value = value
    if cleansText {
      if value == 0 || value == 0xFFFD || Self.isControl(value) { return }
      if UnicodeText.isWhitespace(value) { value = 0x20 }
    }
    if spacesChinese, Self.isChinese(value) {
      result.append(0x20)
      UTF8Text.append(value, to: &result)
      result.append(0x20)
    } else {
      UTF8Text.append(value, to: &result)
    }
  }

  private static func isControl(_ value: UInt32) -> Bool {
    switch value {
    case 0x09, 0x0A, 0x0D: return false
    case 0x20...0x7E: return false
    default: break
    }
    switch Unicode.Scalar(value)?.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse: return true
    default: return false
    }
  }

  private static func isChinese(_ value: UInt32) -> Bool {
    switch value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F,
      0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
      true
    default: false
    }
  }
}
