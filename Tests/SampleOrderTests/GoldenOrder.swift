import Foundation

/// `sample-order.json`: what `sample_order.py`, which follows `Schemas/sample-order.md`, computes.
struct GoldenOrder: Decodable {
  struct Permutation: Decodable {
    let count: Int
    let seed: String
    let epoch: Int
    let first: [Int]
    let digest: String
  }

  struct Large: Decodable {
    let count: Int
    let seed: String
    let epoch: Int
    let positions, samples: [Int]
  }

  struct Chunked: Decodable {
    let sizes: [Int]
    let window: Int
    let seed: String
    let epoch: Int
    let first: [Int]
    let digest: String
  }

  struct Mixture: Decodable {
    let counts: [Int]
    let weights: [Double]
    let block: Int
    let seed: String
    let positions, slots: [Int]
    let draws: [[Int]]
  }

  let permutations: [Permutation]
  let large: [Large]
  let chunked: [Chunked]
  let mixtures: [Mixture]

  static func load() throws -> GoldenOrder {
    guard let folder = Bundle.module.url(forResource: "Golden", withExtension: nil) else {
      throw CocoaError(.fileNoSuchFile)
    }
    return try JSONDecoder().decode(
      GoldenOrder.self,
      from: Data(contentsOf: folder.appendingPathComponent("sample-order.json")))
  }
}

/// First samples of chunks of these sizes, then the total.
func starts(of sizes: [Int]) -> [Int] {
  sizes.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
}
