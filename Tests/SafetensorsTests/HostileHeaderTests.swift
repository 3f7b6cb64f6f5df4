import SeededRandom
import Testing

@testable import Safetensors

/// One test a rule: what breaks it is refused, by the right name.
@Suite struct HostileHeaderTests {
  private func tensor(_ type: String, _ shape: String, _ offsets: String) -> String {
    "{\"t\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
  }

  @Test func shortFiles() {
    for count in 0..<8 {
      #expect(
        errorOfOpening([UInt8](repeating: 0, count: count)) == .tooShort(file: "f", bytes: count))
    }
  }

  @Test func lengthOfTheHeader() {
    let huge = [UInt8](repeating: 0xFF, count: 16)
    #expect(errorOfOpening(huge) == .headerTooLarge(file: "f", length: .max, limit: 100_000_000))
    #expect(
      errorOfOpening([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D])
        == .headerOutOfFile(file: "f", length: 3, fileBytes: 10))
  }

  @Test func textThatIsNotJSON() {
    let bad = [
      "", " {}", "[]", "{", "{}x", "{\"a\"}", "{\"a\":1}", "{,}", "{\"t\":null}",
      "{\"__metadata__\":{\"a\":1}}", "{\"__metadata__\":[]}", "{\"a\n\":{}}", "{\"\\x\":{}}",
      "{\"\\ud800\":{}}", "{\"\\ud800\\u0041\":{}}", "{\"\\udc00\":{}}", "{\"\\u12g4\":{}}",
      "{\"a", "{\"a\\", "{\"__metadata__\":{},}", "{'a':1}", "{}{}",
    ]
    for header in bad {
      guard case .malformed = errorOfHeader(header) else {
        Issue.record("\(header): \(String(describing: errorOfHeader(header)))")
        continue
      }
    }
  }

  @Test func deepNestingIsNoCrash() {
    let deep = String(repeating: "[", count: 1_000_000)
    let header = "{\"t\":{\"dtype\":\"U8\",\"shape\":\(deep)"
    guard case .malformed = errorOfHeader(header) else {
      Issue.record("deep nesting was accepted")
      return
    }
    #expect(throws: SafetensorsError.self) {
      try SafetensorsIndex.parse(Array("{\"x\":\(deep)".utf8), file: "i")
    }
  }

  @Test func textThatIsNotUTF8() {
    #expect(
      errorOfOpening(fileBytes([0x7B, 0x22, 0xFF, 0x22, 0x7D])) == .notUTF8(file: "f"))
    #expect(
      errorOfOpening(fileBytes([0x7B, 0x22, 0xC0, 0x80, 0x22, 0x7D])) == .notUTF8(file: "f"))
  }

  @Test func duplicates() {
    let one = "\"t\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}"
    #expect(errorOfHeader("{\(one),\(one)}", data: 1) == .duplicateName(file: "f", name: "t"))
    #expect(
      errorOfHeader("{\(one),\"\\u0074\":{}}", data: 1) == .duplicateName(file: "f", name: "t"))
    #expect(
      errorOfHeader("{\"__metadata__\":{},\"__metadata__\":{}}")
        == .duplicateName(file: "f", name: "__metadata__"))
    #expect(
      errorOfHeader("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}")
        == .duplicateName(file: "f", name: "k"))
    #expect(
      errorOfHeader("{\"t\":{\"dtype\":\"U8\",\"dtype\":\"U8\"}}")
        == .duplicateName(file: "f", name: "dtype"))
  }

  @Test func fieldsOfATensor() {
    #expect(
      errorOfHeader("{\"t\":{\"shape\":[1],\"data_offsets\":[0,1]}}", data: 1)
        == .missingField(file: "f", tensor: "t", field: "dtype"))
    #expect(
      errorOfHeader("{\"t\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", data: 1)
        == .missingField(file: "f", tensor: "t", field: "shape"))
    for offsets in ["[]", "[0]", "[0,1,2]"] {
      #expect(
        errorOfHeader(tensor("U8", "[1]", offsets), data: 1)
          == .missingField(file: "f", tensor: "t", field: "data_offsets of two numbers"))
    }
    #expect(
      errorOfHeader("{\"t\":{\"dtype\":\"U8\",\"strides\":[1]}}")
        == .unknownField(file: "f", tensor: "t", field: "strides"))
    #expect(
      errorOfHeader(tensor("F128", "[1]", "[0,16]"), data: 16)
        == .unknownType(file: "f", tensor: "t", type: "F128"))
  }

  @Test func numbersThatAreNotCounts() {
    for shape in ["[-1]", "[1.0]", "[1e3]", "[01]", "[\"1\"]", "[9223372036854775808]", "[1", "1"] {
      guard case .malformed = errorOfHeader(tensor("U8", shape, "[0,1]"), data: 1) else {
        Issue.record("shape \(shape) was accepted")
        continue
      }
    }
  }

  @Test func shapesThatOverflow() {
    for shape in ["[4294967296,4294967296]", "[4611686018427387904,2]", "[9223372036854775807]"] {
      guard case .shapeOverflow = errorOfHeader(tensor("F32", shape, "[0,4]"), data: 4) else {
        Issue.record("shape \(shape) was accepted")
        continue
      }
    }
  }

  @Test func offsets() {
    #expect(
      errorOfHeader(tensor("U8", "[1]", "[2,1]"), data: 2)
        == .reversedOffsets(file: "f", tensor: "t", start: 2, end: 1))
    #expect(
      errorOfHeader(tensor("U8", "[3]", "[0,3]"), data: 2)
        == .outOfFile(file: "f", tensor: "t", end: 3, dataBytes: 2))
    #expect(
      errorOfHeader(
        tensor("U8", "[1]", "[9223372036854775806,9223372036854775807]"), data: 2)
        == .outOfFile(file: "f", tensor: "t", end: .max, dataBytes: 2))
    #expect(
      errorOfHeader(tensor("F32", "[2]", "[0,4]"), data: 4)
        == .sizeMismatch(file: "f", tensor: "t", expected: 8, found: 4))
    #expect(
      errorOfHeader(tensor("U8", "[1]", "[1,2]"), data: 2)
        == .hole(file: "f", tensor: "t", bytes: 1))
    #expect(
      errorOfHeader(tensor("U8", "[1]", "[0,1]"), data: 4) == .trailingBytes(file: "f", bytes: 3))
    #expect(errorOfHeader("{}", data: 4) == .trailingBytes(file: "f", bytes: 4))
  }

  @Test func overlaps() {
    let header = """
      {"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},\
      "b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}
      """
    #expect(errorOfHeader(header, data: 4) == .overlap(file: "f", tensor: "b", other: "a"))
  }

  @Test func messagesAreOneLine() {
    let header = #"{"a\nb\u202e\u0007":{"dtype":"\n","shape":[],"data_offsets":[0,1]}}"#
    let message = errorOfHeader(header, data: 1).map(String.init(describing:)) ?? ""
    #expect(message.hasPrefix("f: tensor \"a\\u{a}b\\u{202e}\\u{7}\" has the unknown type"))
    #expect(!message.unicodeScalars.contains { $0.properties.generalCategory == .control })
    let long = String(repeating: "n", count: 50_000)
    let cut = SafetensorsError.noSuchTensor(file: "f", name: long).description
    #expect(cut.count < 1200)
  }

  /// 10,000 files with a few random bytes changed, inserted, removed or cut off: each opens with
  /// tensors that fill the file, or is refused.
  @Test func mutatedFilesOpenConsistentlyOrNotAtAll() throws {
    let valid = fileBytes(
      """
      {"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[3],"data_offsets":[24,27]},\
      "a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
      "e":{"dtype":"F16","shape":[0],"data_offsets":[27,27]}}
      """, data: [UInt8](0..<27))
    var random = SeededGenerator(seed: 7)
    var opened = 0
    for _ in 0..<10_000 {
      var bytes = valid
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 2: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: place)
        case 3: bytes.remove(at: place)
        case 4: bytes.swapAt(place, Int.random(in: 0..<bytes.count, using: &random))
        default: bytes.append(bytes[place])
        }
      }
      guard let file = try? SafetensorsFile(bytes: bytes, name: "f") else { continue }
      opened += 1
      var end = 8 + file.headerByteCount
      for tensor in file.tensors {
        #expect(tensor.range.lowerBound == end)
        #expect(tensor.shape.reduce(tensor.type.byteCount, *) == tensor.byteCount)
        #expect(file.withUnsafeBytes(of: tensor) { $0.count } == tensor.byteCount)
        end = tensor.range.upperBound
      }
      #expect(end == bytes.count)
    }
    #expect(opened > 100, "the mutations should leave some files valid")
  }
}
