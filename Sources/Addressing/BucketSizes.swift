/// Hands out a model's bucket sizes: ascending primes, none of them twice.
///
/// One allocator serves all orders of all layers of a model, in order, so that no two tables of
/// it ever share a modulus.
struct BucketSizes {
  private var used: Set<UInt64> = []

  /// The next `count` unused primes greater than `base - 1`.
  ///
  /// - Parameter base: 1 to 2^40.
  /// - Complexity: about ln(base) / 2 primality tests a prime.
  mutating func take(_ count: Int, from base: UInt64) -> [UInt64] {
    var sizes: [UInt64] = []
    sizes.reserveCapacity(count)
    var candidate = base
    while sizes.count < count {
      if isPrime(candidate), used.insert(candidate).inserted { sizes.append(candidate) }
      candidate += 1
    }
    return sizes
  }
}

/// Whether `number` is prime, for certain.
///
/// Strong probable-prime tests to the first twelve primes as bases decide every 64-bit number
/// (Sorenson and Webster, "Strong pseudoprimes to twelve prime bases", 2015).
///
/// - Complexity: at most twelve modular powers.
func isPrime(_ number: UInt64) -> Bool {
  let bases: [UInt64] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37]
  for base in bases where number % base == 0 { return number == base }
  guard number > 1 else { return false }
  let twos = (number - 1).trailingZeroBitCount
  let odd = (number - 1) >> UInt64(twos)
  return bases.allSatisfy { base in
    var power = modularPower(base, odd, modulo: number)
    if power == 1 || power == number - 1 { return true }
    for _ in 1..<max(1, twos) {
      power = modularProduct(power, power, modulo: number)
      if power == number - 1 { return true }
    }
    return false
  }
}

private func modularPower(_ base: UInt64, _ exponent: UInt64, modulo: UInt64) -> UInt64 {
  var result: UInt64 = 1
  var square = base % modulo
  var rest = exponent
  while rest > 0 {
    if rest & 1 == 1 { result = modularProduct(result, square, modulo: modulo) }
    square = modularProduct(square, square, modulo: modulo)
    rest >>= 1
  }
  return result
}

private func modularProduct(_ a: UInt64, _ b: UInt64, modulo: UInt64) -> UInt64 {
  modulo.dividingFullWidth(a.multipliedFullWidth(by: b)).remainder
}
