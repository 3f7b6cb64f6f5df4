/// Signatures of documents and, by open addressing with linear probing, which documents have which
/// band: flat arrays of a fixed number of documents.
struct SignatureTable: Sendable {
  /// How many documents there is room for.
  let capacity: Int
  private let banding: Banding
  private var signatures: [UInt16] = []
  private var numbers: [Int] = []
  /// A band's place: the lower 32 bits of its key above, and 1 + the document's place below; 0 is free.
  private var places: [UInt64]

  /// Documents of one band that are kept and compared; what is common to more (a licence, a page's
  /// frame) shows in other bands as well.
  private static let most = 32

  init(capacity: Int, banding: Banding) {
    self.capacity = capacity
    self.banding = banding
    signatures.reserveCapacity(capacity * MinHashSignature.size)
    numbers.reserveCapacity(capacity)
    places = [UInt64](repeating: 0, count: Self.places(of: capacity, banding))
  }

  /// Bytes of one document's signature, number and bands.
  static func documentBytes(_ banding: Banding) -> Int {
    MinHashSignature.size * 2 + 8 + banding.bands * 12
  }

  private static func places(of capacity: Int, _ banding: Banding) -> Int {
    capacity * banding.bands * 3 / 2 + 1
  }

  var count: Int { numbers.count }

  var isFull: Bool { numbers.count >= capacity }

  /// The document with the most numbers in common, and how many; of several the lowest number.
  func nearest(
    to signature: MinHashSignature, sharing least: Int
  ) -> (shared: Int, number: Int)? {
    var best: (shared: Int, number: Int)?
    var last = -1
    forEachCandidate(of: signature) { document in
      guard document != last else { return }
      last = document
      let shared = shared(document, signature)
      guard shared >= least else { return }
      let number = numbers[document]
      if let known = best, (known.shared, -known.number) >= (shared, -number) { return }
      best = (shared, number)
    }
    return best
  }

  /// Adds a document; the table is not full.
  mutating func insert(_ signature: MinHashSignature, number: Int) {
    let document = UInt64(numbers.count + 1)
    signatures += signature.values
    numbers.append(number)
    signature.values.withUnsafeBufferPointer { values in
      for band in 0..<banding.bands {
        let key = banding.key(of: band, values: values)
        var index = self.place(of: key)
        var same = 0
        while places[index] != 0, same < Self.most {
          if places[index] >> 32 == key & 0xFFFF_FFFF { same += 1 }
          index = index + 1 == places.count ? 0 : index + 1
        }
        if same < Self.most { places[index] = key << 32 | document }
      }
    }
  }

  mutating func removeAll() {
    signatures.removeAll(keepingCapacity: true)
    numbers.removeAll(keepingCapacity: true)
    for index in places.indices { places[index] = 0 }
  }

  /// The same documents in a table with room for more.
  func grown(to capacity: Int) -> SignatureTable {
    var larger = SignatureTable(capacity: capacity, banding: banding)
    for (document, number) in numbers.enumerated() {
      let first = document * MinHashSignature.size
      let values = Array(signatures[first..<first + MinHashSignature.size])
      larger.insert(MinHashSignature(values: values), number: number)
    }
    return larger
  }

  private func forEachCandidate(of signature: MinHashSignature, _ body: (Int) -> Void) {
    signature.values.withUnsafeBufferPointer { values in
      for band in 0..<banding.bands {
        let key = banding.key(of: band, values: values)
        var index = place(of: key)
        var same = 0
        while places[index] != 0, same < Self.most {
          if places[index] >> 32 == key & 0xFFFF_FFFF {
            same += 1
            body(Int(places[index] & 0xFFFF_FFFF) - 1)
          }
          index = index + 1 == places.count ? 0 : index + 1
        }
      }
    }
  }

  private func place(of key: UInt64) -> Int {
    Int(key.multipliedFullWidth(by: UInt64(places.count)).high)
  }

  private func shared(_ document: Int, _ signature: MinHashSignature) -> Int {
    let first = document * MinHashSignature.size
    return signatures.withUnsafeBufferPointer { stored in
      signature.values.withUnsafeBufferPointer { values in
        var shared = 0
        for index in 0..<MinHashSignature.size {
          shared += stored[first + index] == values[index] ? 1 : 0
        }
        return shared
      }
    }
  }
}
