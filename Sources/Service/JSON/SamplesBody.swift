import Serving

/// Which samples are asked for: `{"numbers":[17,4]}`.
package struct SamplesBody: Decodable, Sendable {
  /// The most samples a request.
  package static let mostNumbers = 4096

  /// Their numbers; duplicates are allowed.
  package var numbers: [Int]

  enum Keys: String, CodingKey, CaseIterable { case numbers }

  package init(from decoder: any Decoder) throws {
    let members = try BodyMembers(decoder, Keys.self)
    numbers = try members.required(.numbers)
    try members.check("numbers of \"numbers\"", numbers.count, 1...Self.mostNumbers)
  }
}

extension BodyMembers {
  /// Checks how many there are of something.
  func check(_ what: String, _ count: Int, _ range: ClosedRange<Int>) throws {
    guard range.contains(count) else {
      throw RequestError.badValue(
        name: "how many \(what) there are", found: "\(count)",
        expected: "\(range.lowerBound) to \(range.upperBound)")
    }
  }
}
