import Foundation
import Testing

@testable import Safetensors

@Suite struct SafetensorsWriterTests {
  let declared = [
    TensorDeclaration(name: "z", type: .f32, shape: [2, 2]),
    TensorDeclaration(name: "mask", type: .u8, shape: [3]),
    TensorDeclaration(name: "a\"\u{1}", type: .f64, shape: [1]),
    TensorDeclaration(name: "none", type: .f32, shape: [0]),
  ]

  /// The header is what the Python library writes: metadata, then wide types, then by name.
  @Test func headerIsCanonical() throws {
    try withTemporaryFolder { folder in
      let writer = try SafetensorsWriter(
        creating: folder + "/f", tensors: declared, metadata: ["format": "pt"])
      try writer.append([0.5], to: "a\"\u{1}")
      try writer.append([1, 2, 3] as [Float], to: "z")
      try writer.append([4] as [Float], to: "z")
      try [UInt8](1...3).withUnsafeBytes { try writer.append($0, to: "mask") }
      try writer.finish()

      let file = try SafetensorsFile(path: folder + "/f")
      let text = String(decoding: file.header, as: UTF8.self)
      #expect(
        text.trimmingCharacters(in: .whitespaces) == """
          {"__metadata__":{"format":"pt"},\
          "a\\"\\u0001":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},\
          "none":{"dtype":"F32","shape":[0],"data_offsets":[8,8]},\
          "z":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]},\
          "mask":{"dtype":"U8","shape":[3],"data_offsets":[24,27]}}
          """)
      #expect(text.utf8.count % 8 == 0)
      #expect(file.metadata == ["format": "pt"])
      #expect(try file.floats(of: "z") == [1, 2, 3, 4])
      #expect(try file.doubles(of: "a\"\u{1}") == [0.5])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["f"])
    }
  }

  @Test func aCopyWithTheSameHeaderIsTheSameFile() throws {
    try withTemporaryFolder { folder in
      let header = #"{ "b" : {"shape":[2],"dtype":"I16","data_offsets":[0,4]} }   "#
      let bytes = fileBytes(header, data: [1, 2, 3, 4])
      let file = try SafetensorsFile(bytes: bytes, name: "f")
      let writer = try SafetensorsWriter(creating: folder + "/g", header: file.header)
      for tensor in file.tensors {
        try file.withUnsafeBytes(of: tensor) { try writer.append($0, to: tensor.name) }
      }
      try writer.finish()
      #expect(FileManager.default.contents(atPath: folder + "/g") == Data(bytes))
    }
  }

  @Test func unfinishedFilesLeaveNothing() throws {
    try withTemporaryFolder { folder in
      do {
        let writer = try SafetensorsWriter(creating: folder + "/f", tensors: declared)
        try writer.append([0.5], to: "a\"\u{1}")
        #expect(
          throws: SafetensorsError.wrongByteCount(
            file: folder + "/f", tensor: "z", declared: 16, found: 0)
        ) { try writer.finish() }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
    }
  }

  @Test func bytesMustMatchTheDeclaration() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/f"
      let writer = try SafetensorsWriter(creating: path, tensors: declared)
      #expect(
        throws: SafetensorsError.outOfOrder(file: path, tensor: "z", expected: "a\"\u{1}")
      ) { try writer.append([1] as [Float], to: "z") }
      #expect(
        throws: SafetensorsError.wrongByteCount(
          file: path, tensor: "a\"\u{1}", declared: 8, found: 16)
      ) { try writer.append([1, 2] as [Double], to: "a\"\u{1}") }
      try writer.append([1] as [Double], to: "a\"\u{1}")
      #expect(throws: SafetensorsError.self) { try writer.append([1] as [Double], to: "z") }
    }
  }

  @Test func badDeclarationsAreRefused() throws {
    try withTemporaryFolder { folder in
      let one = TensorDeclaration(name: "t", type: .u8, shape: [1])
      let bad: [[TensorDeclaration]] = [
        [one, one], [TensorDeclaration(name: "__metadata__", type: .u8, shape: [1])],
        [TensorDeclaration(name: "t", type: .u8, shape: [-1])],
        [TensorDeclaration(name: "t", type: .f32, shape: [1 << 40, 1 << 40])],
        [one, TensorDeclaration(name: "u", type: .u8, shape: [Int.max])],
      ]
      for tensors in bad {
        #expect(throws: SafetensorsError.self) {
          try SafetensorsWriter(creating: folder + "/f", tensors: tensors)
        }
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(left == [])
    }
  }
}
