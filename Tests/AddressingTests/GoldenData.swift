import Addressing
import Foundation

/// The golden files of this folder.
enum GoldenData {
  static func path(_ name: String) throws -> String {
    guard let folder = Bundle.module.url(forResource: "Golden", withExtension: nil) else {
      throw CocoaError(.fileNoSuchFile)
    }
    return folder.appendingPathComponent(name).path
  }

  static func decode<T: Decodable>(_ type: T.Type, from name: String) throws -> T {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  static func deepseekMap() throws -> TokenMap {
    try TokenMap(readingFrom: path("deepseek-token-map.i32"))
  }
}

/// `addressing.json`: parameters of the three presets, and row ids of some texts.
struct AddressingGolden: Decodable {
  struct DeepSeek: Decodable {
    let engramLayerIds: [Int]
    let engramNumEmbeddings: [Int64]
    let primes: [[[UInt64]]]
    let multipliers: [[String]]
    let tokenMapSha256Int32Le: String
  }

  struct Demo: Decodable {
    let layerIds: [Int]
    let primes: [String: [[UInt64]]]
    let multipliers: [String: [String]]
  }

  struct Qwen: Decodable {
    let headVocabSizes: [UInt64]
    let headOffsets: [Int64]
    let paddedRows: Int64
    let multipliers: [String]
  }

  struct Meta: Decodable {
    let deepseekV41: DeepSeek
    let engramDemo: Demo
    let qwenPle: Qwen
  }

  struct DeepSeekCase: Decodable {
    let name: String
    let tokenIds: [Int32]
    let compressedIds: [Int32]?
    let masked: [Int]?
    let segmentIds: [Int32]?
    let rows: [String: [[Int64]]]
  }

  struct DemoCase: Decodable {
    let name: String
    let tokenIds: [Int32]
    let headRows: [String: [[Int64]]]
  }

  struct QwenCase: Decodable {
    let name: String
    let tokenIds: [Int32]
    let rows: [[Int64]]
  }

  struct Cases: Decodable {
    let deepseekV41: [DeepSeekCase]
    let engramDemo: [DemoCase]
    let qwenPle: [QwenCase]
  }

  let meta: Meta
  let cases: Cases

  static func load() throws -> AddressingGolden {
    try GoldenData.decode(AddressingGolden.self, from: "addressing.json")
  }
}
