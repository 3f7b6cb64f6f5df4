/// Checks on parameters that come from a manifest, a config or the command line: none is trusted.
extension Addressing {
  /// Where a table's row count must stay below, so that no sum of ours overflows an `Int64`.
  private static let rowLimit: UInt64 = 1 << 62

  /// The exclusive limit of raw token ids: the vocabulary's size if it is known, else as far as
  /// products stay below 2^63.
  var rawTokenLimit: Int {
    if case .raw(let size?) = tokens { return size }
    let largest = multipliers.max() ?? 1
    return Int(min(UInt64(Int64.max) / largest + 1, UInt64(Int32.max) + 1))
  }

  func validate() throws(AddressingError) {
    try Self.require(
      !preset.isEmpty && preset.utf8.count <= 64, "preset", "must have 1 to 64 bytes")
    try Self.require(
      (0...Int(Int32.max)).contains(layer), "layer", "\(layer) is not in 0...\(Int32.max)")
    try Self.require(
      (1...Int(Int32.max)).contains(rowAlignment), "rowAlignment",
      "\(rowAlignment) is not in 1...\(Int32.max)")
    try validateBuckets()
    try Self.require(
      multipliers.count == maxOrder, "multipliers",
      "has \(multipliers.count) elements, expected one a position, \(maxOrder)")
    for multiplier in multipliers {
      try Self.require(
        multiplier >= 1 && multiplier <= UInt64(Int64.max), "multipliers",
        "contains \(multiplier), which is not in 1...\(Int64.max)")
    }
    try validateTokens()
  }

  private func validateBuckets() throws(AddressingError) {
    try Self.require(
      (1...Self.maxOrderLimit - 1).contains(bucketSizes.count), "bucketSizes",
      "has \(bucketSizes.count) orders, expected 1 to \(Self.maxOrderLimit - 1)")
    try Self.require(
      (1...Self.headLimit).contains(heads), "bucketSizes",
      "has \(heads) heads, expected 1 to \(Self.headLimit)")
    var sum: UInt64 = 0
    for order in bucketSizes {
      try Self.require(
        order.count == heads, "bucketSizes",
        "has \(order.count) heads in one order and \(heads) in another")
      for size in order {
        try Self.require(size >= 1, "bucketSizes", "contains 0")
        let (next, overflow) = sum.addingReportingOverflow(size)
        try Self.require(
          !overflow && next < Self.rowLimit, "bucketSizes", "add up to 2^62 rows or more")
        sum = next
      }
    }
  }

  private func validateTokens() throws(AddressingError) {
    let ids = 0...Int(Int32.max)
    // What products are made of.
    let limit: Int
    switch tokens {
    case .raw(let size):
      if let size {
        try Self.require(
          size >= 1 && size - 1 <= ids.upperBound, "vocabularySize", "\(size) is not in 1...2^31")
      }
      limit = rawTokenLimit
      try Self.require(
        boundary.tokenID < limit, "boundary token", "\(boundary.tokenID) is not below \(limit)")
    case .mapped(let size, let compressed, _):
      try Self.require(
        compressed >= 1 && ids.contains(compressed), "compressedVocabularySize",
        "\(compressed) is not in 1...\(ids.upperBound)")
      if let size {
        try Self.require(
          size >= compressed && ids.contains(size), "vocabularySize",
          "\(size) is not in \(compressed)...\(ids.upperBound)")
        try Self.require(
          boundary.tokenID < size, "boundary token", "\(boundary.tokenID) is not below \(size)")
      }
      limit = compressed
    }
    try Self.require(boundary.tokenID >= 0, "boundary token", "\(boundary.tokenID) is negative")
    for multiplier in multipliers {
      let (product, overflow) = multiplier.multipliedReportingOverflow(by: UInt64(limit - 1))
      try Self.require(
        !overflow && product <= UInt64(Int64.max), "multipliers",
        "contains \(multiplier), whose product with token \(limit - 1) exceeds 2^63-1")
    }
  }

  static func require(
    _ condition: Bool, _ name: String, _ problem: @autoclosure () -> String
  ) throws(AddressingError) {
    guard condition else { throw .invalidParameter(name: name, problem: problem()) }
  }
}
