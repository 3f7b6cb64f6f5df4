/// Sorts numbers by 11 bits at a time, the lowest first: as many passes as the largest needs.
///
/// - Complexity: O(count) time a pass; as much memory again as the numbers take.
func radixSort(_ numbers: inout [UInt64]) {
  guard let largest = numbers.max() else { return }
  let width = 64 - largest.leadingZeroBitCount
  var other = [UInt64](repeating: 0, count: numbers.count)
  for shift in stride(from: 0, to: width, by: 11) {
    var places = [Int](repeating: 0, count: 1 << 11)
    for number in numbers { places[Int(number >> UInt64(shift) & 2047)] += 1 }
    var start = 0
    for digit in places.indices { (places[digit], start) = (start, start + places[digit]) }
    numbers.withUnsafeBufferPointer { numbers in
      other.withUnsafeMutableBufferPointer { other in
        places.withUnsafeMutableBufferPointer { places in
          for number in numbers {
            let digit = Int(number >> UInt64(shift) & 2047)
            other[places[digit]] = number
            places[digit] += 1
          }
        }
      }
    }
    swap(&numbers, &other)
  }
}
