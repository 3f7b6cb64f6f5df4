import SeededRandom

/// Documents of random tokens, small ids far more often than large ones, with phrases that come
/// again; some of one token or none.
func madeDocuments(
  _ count: Int, vocabulary: Int, longest: Int, using random: inout SeededGenerator
) -> [[Int32]] {
  func draw() -> Int32 {
    let most = Int32.random(in: 1...Int32(vocabulary), using: &random)
    return Int32.random(in: 0..<most, using: &random)
  }
  let phrases = (0..<6).map { _ in (0..<4).map { _ in draw() } }
  return (0..<count).map { _ in
    var document: [Int32] = []
    let length = Int.random(in: 0...longest, using: &random)
    while document.count < length {
      document += Bool.random(using: &random) ? phrases.randomElement(using: &random)! : [draw()]
    }
    return Array(document.prefix(length))
  }
}

/// Calls `body` with the documents as buffers.
func withBuffers<Result>(
  _ documents: [[Int32]], _ body: ([UnsafeBufferPointer<Int32>]) throws -> Result
) rethrows -> Result {
  let all = UnsafeMutableBufferPointer<Int32>.allocate(
    capacity: documents.reduce(0) { $0 + $1.count })
  defer { all.deallocate() }
  var buffers: [UnsafeBufferPointer<Int32>] = []
  var start = 0
  for document in documents {
    _ = all[start...].initialize(fromContentsOf: document)
    buffers.append(UnsafeBufferPointer(rebasing: all[start..<start + document.count]))
    start += document.count
  }
  return try body(buffers)
}
