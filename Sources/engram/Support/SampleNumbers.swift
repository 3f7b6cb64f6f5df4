/// The sample numbers of a command line: `17`, and `10-20` for all from 10 to 20.
enum SampleNumbers {
  /// - Parameter count: samples of the dataset, `title` its name for messages.
  static func ranges(_ texts: [String], count: Int, title: String) throws -> [Range<Int>] {
    try texts.map { text in
      let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
      let numbers = ends.compactMap { isNumber($0) ? Int($0) : nil }
      guard numbers.count == ends.count, let first = numbers.first, let last = numbers.last else {
        throw CommandError(
          "\"\(text)\" is no sample number",
          hint: "give numbers from 0, and FIRST-LAST for all between two")
      }
      guard first <= last else {
        throw CommandError("\(text) ends before it begins", hint: "write it \(last)-\(first)")
      }
      guard last < count else {
        throw CommandError(
          "\(title) has no sample \(last)",
          hint: count == 0 ? "it is empty" : "it has \(count), 0 to \(count - 1)")
      }
      return first..<last + 1
    }
  }

  private static func isNumber(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }
}
