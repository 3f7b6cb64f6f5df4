import Serving

/// Which samples are asked for: `{"numbers":[17,4]}`.
package struct SamplesBody: Decodable, Sendable {
  /// The most samples a request.
  package static let mostNumbers = 4096

  /// Their numbers; duplicates are allowed.
  package var numbers: [Int]

  enum Keys: String, CodingKey, CaseIterable { case numbers }

  package init(from decoder: any Decoder) throws {
    let members = try StrictMembers(decoder, Keys.self)
    numbers = try members.required(.numbers)
    try members.check(.numbers, elements: numbers.count, in: 1...Self.mostNumbers)
  }
}
