/// A field while its file is made: its different values, and which documents have them.
struct ColumnBuilder {
  private var numbers: [MetadataValue: UInt32] = [:]
  private var values: [MetadataValue] = []
  /// Ascending; one that has several values is there as often.
  private(set) var documents: [UInt32] = []
  private var occurrences: [UInt32] = []

  mutating func append(_ value: MetadataValue, document: UInt32) {
    let number: UInt32
    if let known = numbers[value] {
      number = known
    } else {
      number = UInt32(values.count)
      numbers[value] = number
      values.append(value)
    }
    documents.append(document)
    occurrences.append(number)
  }

  /// The values in their order, and each entry's place among them.
  func sorted() -> (values: [MetadataValue], ordinals: [UInt32]) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var places = [UInt32](repeating: 0, count: values.count)
    for (place, index) in order.enumerated() { places[index] = UInt32(place) }
    return (order.map { values[$0] }, occurrences.map { places[Int($0)] })
  }
}
