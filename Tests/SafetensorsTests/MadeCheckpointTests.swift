import Foundation
import Testing

@testable import Safetensors

/// `Tools/make-checkpoint` writes folders that open, with the models' names, types and counts.
@Suite
struct MadeCheckpointTests {
  @Test func deepSeekLayout() throws {
    try withTemporaryFolder { folder in
      try MakeCheckpoint.run([
        "--family", "deepseek-v4.1", "--base", "500", "--dim", "64", "--layers", "1,14",
        "--shard-size", "4M", folder + "/a",
      ])
      let model = try SafetensorsFolder(path: folder + "/a")
      #expect(model.names.count == 12)
      #expect(model.files.count == 4)
      let primes = primes(from: 500, count: 48)
      for (layer, rows) in [(1, primes[..<24].reduce(0, +)), (14, primes[24...].reduce(0, +))] {
        let name = "layers.\(layer).engram."
        try expect(model, name + "embed.weight", .f8e4m3, [rows, 256])
        try expect(model, name + "embed.scale", .f8e8m0, [rows, 8])
        try expect(model, name + "wkv.weight", .f8e4m3, [320, 6144])
        try expect(model, name + "wkv.scale", .f8e8m0, [10, 192])
        try expect(model, name + "q_weight", .f32, [4, 64])
        try expect(model, name + "k_weight", .f32, [4, 64])
      }
      let scales = try bytes(model, "layers.1.engram.embed.scale")
      #expect(scales[5 * 8..<6 * 8].contains(255))
      #expect(scales.filter { $0 != 255 }.allSatisfy { (120...127).contains($0) })
      let codes = try bytes(model, "layers.1.engram.embed.weight")
      #expect(codes.filter { $0 & 0x7F == 0x7F }.count == 1)
      let rows = stride(from: 0, to: codes.count, by: 256).map { Array(codes[$0..<$0 + 256]) }
      #expect(Set(rows).count == rows.count)
    }
  }

  @Test func qwenLayout() throws {
    try withTemporaryFolder { folder in
      try MakeCheckpoint.run([
        "--family", "qwen-ple", "--base", "300", "--dim", "32", "--dtype", "fp8", folder + "/a",
      ])
      let model = try SafetensorsFolder(path: folder + "/a")
      let ple = "model.language_model.layers.1.ple."
      let embedding = ple + "ple_embedding.ngram_embedding."
      let rows = (primes(from: 300, count: 16).reduce(0, +) + 127) / 128
      for shard in 0..<128 {
        try expect(model, "\(embedding)shard_\(shard).weight", .f8e4m3, [rows, 160])
      }
      try expect(model, embedding + "weight_scale", .f32, [1])
      try expect(model, ple + "ple_embedding.layer_multipliers", .i64, [3])
      try expect(model, ple + "key_proj.weight", .bf16, [128, 2560])
      try expect(model, ple + "conv1d.weight", .bf16, [128, 1, 4])
      #expect(model.names.count == 128 + 2 + 6)
    }
  }

  @Test func theSameArgumentsGiveTheSameBytes() throws {
    try withTemporaryFolder { folder in
      let plain = ["--family", "plain", "--rows", "3000", "--dim", "48", "--dtype", "bf16"]
      try MakeCheckpoint.run(plain + [folder + "/a"])
      try MakeCheckpoint.run(plain + [folder + "/b"])
      try MakeCheckpoint.run(plain + ["--seed", "1", folder + "/c"])
      let name = "embedding.weight"
      let first = try bytes(SafetensorsFolder(path: folder + "/a"), name)
      #expect(first.count == 3000 * 48 * 2)
      #expect(try bytes(SafetensorsFolder(path: folder + "/b"), name) == first)
      #expect(try bytes(SafetensorsFolder(path: folder + "/c"), name) != first)
    }
  }

  private func expect(
    _ model: SafetensorsFolder, _ name: String, _ type: TensorType, _ shape: [Int]
  ) throws {
    let tensor = try model.tensor(named: name).tensor
    #expect(tensor.type == type && tensor.shape == shape, "\(name): \(tensor)")
  }

  private func bytes(_ model: SafetensorsFolder, _ name: String) throws -> [UInt8] {
    let location = try model.tensor(named: name)
    return location.file.withUnsafeBytes(of: location.tensor) { Array($0) }
  }

  private func primes(from base: Int, count: Int) -> [Int] {
    var primes: [Int] = []
    var number = base
    while primes.count < count {
      if (2..<number).allSatisfy({ !number.isMultiple(of: $0) }) { primes.append(number) }
      number += 1
    }
    return primes
  }
}

private enum MakeCheckpoint {
  static func run(_ arguments: [String]) throws {
    let tool = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Tools/make-checkpoint").path
    #expect(try status(["python3", tool, "--quiet"] + arguments) == 0)
  }

  private static func status(_ command: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
