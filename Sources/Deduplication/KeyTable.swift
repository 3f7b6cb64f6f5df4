/// A table of keys and document numbers: open addressing with linear probing in flat arrays, at
/// most three quarters full.
struct KeyTable: Sendable {
  private struct Place: Sendable {
    var high: UInt64
    var low: UInt64
    /// -1 where the place is free.
    var number: Int

    static let free = Place(high: 0, low: 0, number: -1)
  }

  static let placeBytes = MemoryLayout<Place>.stride

  private var table: [Place]
  private(set) var count = 0

  /// A table without keys.
  init(places: Int) { table = [Place](repeating: .free, count: max(4, places)) }

  static func load(ofPlaces places: Int) -> Int { max(4, places) / 4 * 3 }

  var places: Int { table.count }

  var isFull: Bool { count >= Self.load(ofPlaces: table.count) }

  func number(of key: ContentKey) -> Int? {
    let number = table[place(of: key)].number
    return number < 0 ? nil : number
  }

  /// Adds a key that is not in the table, which is not full.
  mutating func insert(_ key: ContentKey, number: Int) {
    table[place(of: key)] = Place(high: key.high, low: key.low, number: number)
    count += 1
  }

  mutating func removeAll() {
    for index in table.indices { table[index] = .free }
    count = 0
  }

  /// The same keys in a table of more places.
  func grown(to places: Int) -> KeyTable {
    var larger = KeyTable(places: places)
    for place in table where place.number >= 0 {
      larger.insert(ContentKey(high: place.high, low: place.low), number: place.number)
    }
    return larger
  }

  /// The place that holds the key, or the free one where it belongs.
  private func place(of key: ContentKey) -> Int {
    var index = Int(key.high.multipliedFullWidth(by: UInt64(table.count)).high)
    while true {
      let place = table[index]
      if place.number < 0 || (place.high == key.high && place.low == key.low) { return index }
      index = index + 1 == table.count ? 0 : index + 1
    }
  }
}
