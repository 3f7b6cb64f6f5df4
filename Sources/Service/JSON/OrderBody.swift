import SampleOrder
import Serving

/// Which part of which order of an epoch is asked for:
/// `{"order":"global","seed":7,"epoch":0,"first":0,"step":1,"count":100}`.
package struct OrderBody: Decodable, Sendable {
  /// The most positions a request.
  package static let mostPositions = 1 << 20
  /// The most chunks of a window.
  static let mostChunks = 1 << 20

  /// How the epoch is shuffled.
  package var order: EpochOrder.Kind
  /// Two seeds, two orders.
  package var seed: UInt64
  /// The epoch, from 0.
  package var epoch: Int
  /// The first position.
  package var first: Int
  /// From one position to the next.
  package var step: Int
  /// How many positions; `nil` for all up to the epoch's end.
  package var count: Int?

  enum Keys: String, CodingKey, CaseIterable { case order, window, seed, epoch, first, step, count }

  package init(from decoder: any Decoder) throws {
    let members = try StrictMembers(decoder, Keys.self)
    let name = try members.optional(.order, String.self) ?? "sequential"
    let window = try members.number(.window, in: 1...Self.mostChunks, otherwise: 8)
    switch name {
    case "sequential": order = .sequential
    case "global": order = .global
    case "chunked": order = .chunked(window: window)
    default:
      throw RequestError.badValue(
        name: "order", found: "\"\(name.prefix(32))\"", expected: "sequential, global or chunked")
    }
    seed = try members.optional(.seed) ?? 0
    epoch = try members.number(.epoch, in: 0...Int(Int32.max), otherwise: 0)
    first = try members.number(.first, in: 0...Int.max, otherwise: 0)
    step = try members.number(.step, in: 1...Int.max, otherwise: 1)
    count = try members.number(.count, in: 0...Self.mostPositions)
  }

  /// How many positions of an epoch of so many samples are asked for.
  ///
  /// - Throws: `ServiceError.answerTooLarge`.
  func positions(of samples: Int) throws(ServiceError) -> Int {
    if let count { return count }
    guard first < samples else { return 0 }
    let rest = 1 + (samples - 1 - first) / step
    guard rest <= Self.mostPositions else {
      throw .answerTooLarge(what: "\(rest) positions", limit: "\(Self.mostPositions)")
    }
    return rest
  }
}
