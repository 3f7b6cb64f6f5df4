/// How a signature is cut into bands: two documents are compared if all numbers of one band agree.
///
/// Source: J. Leskovec, A. Rajaraman and J. D. Ullman, "Mining of Massive Datasets", chapter 3.4.
struct Banding: Hashable, Sendable {
  /// Numbers of a band, and bands.
  let rows, bands: Int

  /// The most rows with which a pair that is just as similar as `threshold` is compared in 95 of 100
  /// cases, `1 - (1 - threshold^rows)^bands`; one row where no number of rows reaches that.
  init(threshold: Double) {
    var best = (rows: 1, bands: MinHashSignature.size)
    for rows in 1...16 {
      let bands = MinHashSignature.size / rows
      var agree = 1.0
      for _ in 0..<rows { agree *= threshold }
      var missed = 1.0
      for _ in 0..<bands { missed *= 1 - agree }
      if 1 - missed >= 0.95 { best = (rows, bands) }
    }
    (rows, bands) = best
  }

  /// The hash of a band's numbers and of which band it is.
  func key(of band: Int, values: UnsafeBufferPointer<UInt16>) -> UInt64 {
    var key = MinHashSignature.mix(UInt64(band + 1) &* 0x9E37_79B9_7F4A_7C15)
    for row in band * rows..<(band + 1) * rows {
      key = MinHashSignature.mix((key ^ UInt64(values[row])) &+ 0x9E37_79B9_7F4A_7C15)
    }
    return key
  }
}
