import Foundation

/// A text and its signature, from `Golden/minhash.json`.
struct GoldenSignatures: Decodable {
  let text: String
  let values: [UInt16]

  static func load() throws -> [GoldenSignatures] {
    guard let folder = Bundle.module.url(forResource: "Golden", withExtension: nil) else {
      throw CocoaError(.fileNoSuchFile)
    }
    return try JSONDecoder().decode(
      [GoldenSignatures].self, from: Data(contentsOf: folder.appendingPathComponent("minhash.json"))
    )
  }
}
