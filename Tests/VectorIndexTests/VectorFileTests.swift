import Foundation
import Safetensors
import SeededRandom
import TestCheckpoints
import Testing
import VectorIndex

@Suite struct VectorFileTests {
  /// A NumPy file as numpy.save writes it: the head padded to 64 bytes.
  static func npy(
    _ descr: String, _ shape: String, _ data: [UInt8], version: UInt8 = 1,
    order: String = "False"
  ) -> [UInt8] {
    var head = Array("{'descr': '\(descr)', 'fortran_order': \(order), 'shape': \(shape), }".utf8)
    let front = version == 1 ? 10 : 12
    while (front + head.count + 1) % 64 != 0 { head.append(0x20) }
    head.append(0x0A)
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
    for shift in 0..<(front - 8) {
      bytes.append(UInt8(truncatingIfNeeded: head.count >> (8 * shift)))
    }
    return bytes + head + data
  }

  private static func bytes<Number>(_ numbers: [Number]) -> [UInt8] {
    numbers.withUnsafeBytes { Array($0) }
  }

  private static let numbers: [Float] = [1, -2, 0.5, 4, 0.25, -1.5]

  private func write(_ bytes: [UInt8], _ name: String, _ scratch: ScratchFolder) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: scratch(name)))
    return scratch(name)
  }

  private func message(_ bytes: [UInt8]) throws -> String {
    let scratch = try ScratchFolder()
    let path = try write(bytes, "v.npy", scratch)
    do {
      let file = try VectorFile(path: path)
      for row in 0..<file.count { _ = try file.vector(row) }
      return "no error"
    } catch {
      #expect(!"\(error)".contains("\n"))
      return "\(error)"
    }
  }

  @Test func everyTypeOfNumPyIsRead() throws {
    let scratch = try ScratchFolder()
    let numbers = Self.numbers
    let files = [
      Self.npy("<f4", "(3, 2)", Self.bytes(numbers)),
      Self.npy("<f2", "(3, 2)", Self.bytes(numbers.map { Float16($0) }), version: 2),
      Self.npy("<f8", "(3, 2)", Self.bytes(numbers.map { Double($0) }), version: 3),
      Self.npy("<f4", "(3,2)", Self.bytes(numbers)),
    ]
    for (index, bytes) in files.enumerated() {
      let file = try VectorFile(path: write(bytes, "\(index).npy", scratch))
      #expect(file.count == 3 && file.dimensions == 2)
      #expect(try (0..<3).flatMap { try file.vector($0) } == numbers)
    }
  }

  @Test func everyTypeOfSafetensorsIsRead() throws {
    let scratch = try ScratchFolder()
    let numbers = Self.numbers
    let kinds: [(TensorType, [UInt8])] = [
      (.f32, Self.bytes(numbers)), (.f16, Self.bytes(numbers.map { Float16($0) })),
      (.bf16, Self.bytes(numbers.map { UInt16($0.bitPattern >> 16) })),
      (.f64, Self.bytes(numbers.map { Double($0) })),
    ]
    for (type, bytes) in kinds {
      let path = scratch(type.rawValue)
      let writer = try SafetensorsWriter(
        creating: path,
        tensors: [
          TensorDeclaration(name: "a", type: type, shape: [2, 3]),
          TensorDeclaration(name: "b", type: .u8, shape: [1]),
        ])
      for tensor in writer.tensors {
        try (tensor.name == "a" ? bytes : [7]).withUnsafeBytes {
          try writer.append($0, to: tensor.name)
        }
      }
      try writer.finish()
      let file = try VectorFile(path: path, tensor: "a")
      #expect(file.count == 2 && file.dimensions == 3)
      #expect(try (0..<2).flatMap { try file.vector($0) } == numbers)
      #expect(throws: VectorIndexError.self) { try VectorFile(path: path) }
      #expect(throws: VectorIndexError.self) { try VectorFile(path: path, tensor: "b") }
      #expect(throws: SafetensorsError.self) { try VectorFile(path: path, tensor: "c") }
    }
  }

  @Test func whatIsWrongIsNamed() throws {
    let data = Self.bytes(Self.numbers)
    #expect(try message(Self.npy("<f4", "(3, 2)", data)) == "no error")
    #expect(try message(Self.npy("<f4", "(0, 2)", [])) == "no error")
    #expect(try message(Self.npy("<f4", "(4, 2)", data)).contains("4 x 2 of 4 bytes"))
    #expect(try message(Self.npy("<f4", "(2, 2)", data)).contains("24 bytes of numbers"))
    #expect(try message(Self.npy("<f4", "(6,)", data)).contains("1 dimensions"))
    #expect(try message(Self.npy("<f4", "(3, 2)", data, order: "True")).contains("Fortran"))
    #expect(try message(Self.npy(">f4", "(3, 2)", data)).contains("<f2, <f4 or <f8"))
    #expect(try message(Self.npy("<i4", "(3, 2)", data)).contains("<f2, <f4 or <f8"))
    #expect(try message(Self.npy("<f4", "(3, 0)", [])).contains("0 dimensions"))
    #expect(try message(Self.npy("<f4", "(9223372036854775807, 2)", data)).contains("x 2"))
    #expect(try message(Self.npy("<f4", "(3, 9999999999)", data)).contains("9999999999"))
    #expect(try message(Self.npy("<f4", "(-3, 2)", data)).contains("whole numbers"))
    #expect(try message(Self.npy("<f4", "(3, 2)", data, version: 9)).contains("9.0"))
    #expect(try message(Self.npy("<f4", "(3, 2)", data, order: "0")).contains("lacks"))
    #expect(try message(Array(Self.npy("<f4", "(3, 2)", data).prefix(40))).contains("claims"))
    #expect(try message([]) != "no error")
    var bad = Self.numbers
    bad[5] = .nan
    #expect(try message(Self.npy("<f4", "(3, 2)", Self.bytes(bad))).contains("vector 2 has"))
    let wide = [1e300, 0]
    #expect(try message(Self.npy("<f8", "(1, 2)", Self.bytes(wide))).contains("vector 0 has"))
    #expect(throws: VectorIndexError.self) { try VectorFile(path: "/nonexistent/vectors.npy") }
  }

  @Test func changedBytesNeverCrash() throws {
    let scratch = try ScratchFolder()
    var generator = SeededGenerator(seed: 11)
    let good = Self.npy("<f4", "(3, 2)", Self.bytes(Self.numbers))
    let pieces = ["(", ")", "'", "{", "}", ",", "9", "True", "shape", "<f8", ":"].map {
      Array($0.utf8)
    }
    var opened = 0
    for _ in 0..<1000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        // The head's text, its padding and the numbers, and most often the first.
        let end = Bool.random(using: &generator) ? min(bytes.count, 90) : bytes.count
        let place = Int.random(in: 6..<end, using: &generator)
        if place > 127 || Bool.random(using: &generator) {
          bytes[place] = UInt8.random(in: 0...255, using: &generator)
        } else {
          let piece = pieces.randomElement(using: &generator)!
          bytes.replaceSubrange(place..<min(bytes.count, place + piece.count), with: piece)
        }
      }
      if Int.random(in: 0..<10, using: &generator) == 0 {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
      }
      let path = try write(bytes, "v", scratch)
      do {
        let file = try VectorFile(path: path)
        opened += 1
        for row in 0..<file.count { #expect(try file.vector(row).count == file.dimensions) }
      } catch {
        #expect(!"\(error)".contains("\n"))
      }
    }
    #expect(opened > 5)
  }
}
