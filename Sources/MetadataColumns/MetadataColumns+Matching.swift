import Bitsets
import Questions
import Storage

extension MetadataColumns {
  /// The documents that meet all of some conditions.
  ///
  /// Of several values of a document, one that meets a condition is enough; `!=` asks that none is
  /// equal, so that documents without the field meet it. A field that no document has is no error
  /// here, as other segments may have it.
  ///
  /// - Complexity: linear in the documents that have the fields, and in their different values unless
  ///   the condition is an equality of strings, which are found by bisection.
  /// - Throws: `StorageError.corruptFile`.
  package func documents(matching conditions: [Condition]) throws -> Bitset {
    var result = Bitset(count: documents, filled: true)
    for condition in conditions {
      result.formIntersection(try documents(matching: condition))
    }
    return result
  }

  private func documents(matching condition: Condition) throws -> Bitset {
    let isOpposite = condition.comparison == .notEqual
    var result = Bitset(count: documents, filled: isOpposite)
    guard let column = column(condition.field) else { return result }
    let values = try values(of: column, meeting: ValueTest(condition))
    guard values.population > 0 else { return result }
    let entries = try file.bytes(
      column.documentsStart..<column.documentsStart + 8 * column.entries)
    for entry in 0..<column.entries {
      let ordinal = entries.word(column.entries + entry)
      guard ordinal < values.count else {
        throw corrupt(column, "there is no value \(ordinal)")
      }
      guard values.contains(ordinal) else { continue }
      let document = entries.word(entry)
      guard document < documents else {
        throw corrupt(column, "there is no document \(document)")
      }
      if isOpposite { result.remove(document) } else { result.insert(document) }
    }
    return result
  }

  /// The ordinals of the values that a condition holds for.
  private func values(of column: MetadataColumn, meeting test: ValueTest) throws -> Bitset {
    var result = Bitset(count: column.values)
    for ordinal in 0..<column.firstString {
      if test.holds(for: try value(ordinal, of: column)) { result.insert(ordinal) }
    }
    for index in try strings(of: column, worthTesting: test) {
      if test.holds(for: try string(index, of: column)) {
        result.insert(column.firstString + index)
      }
    }
    return result
  }

  /// The strings that an equality may hold for: those that begin as its pattern does.
  private func strings(
    of column: MetadataColumn, worthTesting test: ValueTest
  ) throws -> Range<Int> {
    let all = 0..<column.strings
    guard test.isEquality else { return all }
    let prefix = test.glob.prefix
    let first = try Self.first(in: all) {
      !(try string($0, of: column)).lexicographicallyPrecedes(prefix)
    }
    if test.glob.isPlain { return first..<min(all.upperBound, first + 1) }
    let end = try Self.first(in: first..<all.upperBound) {
      !(try string($0, of: column)).starts(with: prefix)
    }
    return first..<end
  }
}
