import Foundation
import Safetensors
import Testing

@testable import engram

@Suite struct FuseCommandTests {
  private func golden(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("FusionTests/Golden/fusion-\(name).safetensors").path
  }

  private func withOutput<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = NSTemporaryDirectory() + "/fused-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  @Test(arguments: [
    ("deepseek-v4.1", "deepseek-v41-1"), ("engram-paper", "engram-demo-1"),
    ("qwen-ple", "qwen-ple-1"),
  ])
  func goldenFilesAreFused(_ preset: String, _ name: String) throws {
    try withOutput { output in
      try FuseCommand.parse(["--preset", preset, "--in", golden(name), "--out", output]).run()
      let found = try SafetensorsFile(path: output)
      let expected = try SafetensorsFile(path: golden(name))
      for tensor in ["gate", "delta", "output"] {
        let numbers = try found.floats(of: tensor)
        let truth = try expected.doubles(of: "expected_" + tensor)
        #expect(numbers.count == truth.count)
        #expect(
          zip(numbers, truth).allSatisfy { abs(Double($0) - $1) <= 1e-5 * max(1, abs($1)) })
      }
    }
  }

  @Test func weightsOfAnotherPresetAreRefusedInOneLine() throws {
    try withOutput { output in
      let command = try FuseCommand.parse([
        "--preset", "engram-paper", "--in", golden("qwen-ple-1"), "--out", output,
      ])
      do {
        try command.run()
        Issue.record("the weights were accepted")
      } catch {
        #expect("\(error)".contains("key_weight") && !"\(error)".contains("\n"))
      }
      #expect(!FileManager.default.fileExists(atPath: output))
    }
  }
}
