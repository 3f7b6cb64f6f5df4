import Testing

@testable import Safetensors

@Suite struct SafetensorsFileTests {
  static let two = """
    {"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]},\
    "a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}
    """

  @Test func tensorsComeInTheOrderOfTheirBytes() throws {
    let bytes = fileBytes(Self.two, data: [0, 0, 128, 63, 7, 8, 9])
    let file = try SafetensorsFile(bytes: bytes, name: "f")
    #expect(file.tensors.map(\.name) == ["a", "b"])
    #expect(file.metadata == ["format": "pt"])
    #expect(try file.floats(of: "a") == [1])
    let b = try file.tensor(named: "b")
    #expect(b.shape == [3] && b.type == .u8 && b.elementCount == 3)
    #expect(b.range == bytes.count - 3..<bytes.count)
    #expect(file.withUnsafeBytes(of: b) { Array($0) } == [7, 8, 9])
    #expect(file.header == Array(Self.two.utf8))
    #expect(file["c"] == nil)
    #expect(throws: SafetensorsError.noSuchTensor(file: "f", name: "c")) {
      try file.tensor(named: "c")
    }
  }

  @Test func emptyTensorsAndEmptyFilesAreFine() throws {
    #expect(errorOfHeader("{}") == nil)
    #expect(errorOfHeader("{}      ") == nil)
    let file = try SafetensorsFile(
      bytes: fileBytes(
        """
        {"x":{"dtype":"F64","shape":[0,7],"data_offsets":[1,1]},\
        "y":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}
        """, data: [0]), name: "f")
    #expect(file.tensors.map(\.name) == ["y", "x"])
    #expect(file.tensors[1].elementCount == 0)
  }

  @Test func escapesInNamesAreResolved() throws {
    let header = #"{"\u00e9\ud83d\ude00\n\"\\\/":{"dtype":"I8","shape":[],"data_offsets":[0,1]}}"#
    let file = try SafetensorsFile(bytes: fileBytes(header, data: [0]), name: "f")
    #expect(file.tensors.first?.name == "é😀\n\"\\/")
  }

  @Test func everyTypeHasItsSize() throws {
    for type in TensorType.allCases {
      let size = type.byteCount
      let header =
        "{\"t\":{\"dtype\":\"\(type.rawValue)\",\"shape\":[2,3],\"data_offsets\":[0,\(6 * size)]}}"
      #expect(errorOfHeader(header, data: 6 * size) == nil)
    }
  }

  @Test func halfPrecisionIsExact() throws {
    let header = """
      {"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},\
      "b":{"dtype":"BF16","shape":[2],"data_offsets":[6,10]}}
      """
    let data: [UInt8] = [0x00, 0x3C, 0x01, 0x00, 0x00, 0xFC, 0x80, 0x3F, 0x00, 0xC0]
    let file = try SafetensorsFile(bytes: fileBytes(header, data: data), name: "f")
    #expect(
      try file.floats(of: "h") == [
        1, Float(sign: .plus, exponent: -24, significand: 1), -.infinity,
      ])
    #expect(try file.floats(of: "b") == [1, -2])
    #expect(throws: SafetensorsError.self) { try file.floats(of: "b", shape: [3]) }
    #expect(throws: SafetensorsError.self) { try file.doubles(of: "b") }
  }

  @Test func aHeaderOfAHundredThousandTensorsOpensQuickly() throws {
    let members = (0..<100_000).map {
      "\"t\($0)\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[\($0),\($0 + 1)]}"
    }
    let header = "{" + members.shuffled().joined(separator: ",") + "}"
    let bytes = fileBytes(header, data: [UInt8](repeating: 1, count: 100_000))
    let time = try ContinuousClock().measure {
      let file = try SafetensorsFile(bytes: bytes, name: "f")
      #expect(file.tensors.count == 100_000)
      #expect(file["t77777"]?.range.lowerBound == 8 + header.utf8.count + 77_777)
    }
    #expect(time < .seconds(20))
  }
}
