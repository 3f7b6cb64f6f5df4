extension ConvolutionState {
  /// How many numbers the state is: values, then factors.
  package var count: Int { values.count + scales.count }

  /// Takes the numbers that `write` gave.
  ///
  /// - Parameter numbers: `count` of them.
  package mutating func read(_ numbers: UnsafeBufferPointer<Float>) {
    precondition(numbers.count == count, "\(numbers.count) numbers of a state of \(count)")
    for index in values.indices { values[index] = numbers[index] }
    for index in scales.indices { scales[index] = numbers[values.count + index] }
  }

  /// Gives the state as numbers, to be kept where this type is not known.
  ///
  /// - Parameter numbers: room for `count` of them.
  package func write(_ numbers: UnsafeMutableBufferPointer<Float>) {
    precondition(numbers.count == count, "room for \(numbers.count) numbers of \(count)")
    for (index, value) in (values + scales).enumerated() { numbers[index] = value }
  }
}
