import Bitsets
import CPostings
import MetadataColumns
import Storage

/// Makes one segment of several: their documents one after another, without those that are not
/// wanted any more. What comes out is what building it from these documents would give.
package struct SegmentMerger {
  /// A segment that goes in, and which of its documents are wanted; all where `nil`.
  package struct Input {
    package var segment: Segment
    package var alive: Bitset?

    package init(_ segment: Segment, alive: Bitset? = nil) {
      self.segment = segment
      self.alive = alive
    }

    func isAlive(_ document: Int) -> Bool { alive?.contains(document) ?? true }
  }

  private let inputs: [Input]
  /// What each input's passages become; `dropped` where they go away.
  private var renumbering: [[UInt32]] = []
  private var documents = DocumentTable()
  private static let dropped = UInt32.max

  package init(_ inputs: [Input]) throws {
    self.inputs = inputs
    for input in inputs {
      let segment = input.segment
      var numbers = [UInt32](repeating: Self.dropped, count: segment.description.passages)
      for document in 0..<segment.description.documents where input.isAlive(document) {
        try documents.appendDocument(
          digest: segment.digest(ofDocument: document),
          textBytes: segment.textBytes(ofDocument: document))
        for passage in segment.passages(ofDocument: document) {
          numbers[passage] = UInt32(documents.lengths.count)
          let range = try segment.range(ofPassage: passage)
          try documents.appendPassage(
            start: UInt32(range.lowerBound), length: UInt32(range.count),
            words: segment.length(ofPassage: passage))
        }
      }
      renumbering.append(numbers)
    }
  }

  /// Passages of the segment that will be.
  package var passages: Int { documents.lengths.count }

  /// Writes the segment into an empty folder.
  ///
  /// - Parameter advance: called with the number of terms of an input that were merged; what it
  ///   throws ends the work.
  package func write(
    to folder: String, id: String, advance: (Int) throws -> Void = { _ in }
  ) throws -> SegmentDescription {
    let metadata = try MetadataColumnsWriter(
      creating: folder + "/" + SegmentFile.metadata,
      salt: SegmentFile.salt(id, SegmentFile.metadata))
    for input in inputs {
      for document in 0..<input.segment.description.documents where input.isAlive(document) {
        try metadata.add(from: input.segment.metadata, document: document)
      }
    }
    try metadata.finish()
    let writer = try SegmentWriter(folder: folder, id: id, documents: documents)
    try mergeTerms(into: writer, advance: advance)
    return try writer.finish()
  }

  private func mergeTerms(into writer: SegmentWriter, advance: (Int) throws -> Void) throws {
    var lists = TermLists()
    let buffer = UnsafeMutablePointer<UInt32>.allocate(capacity: 3 * SegmentLimits.group)
    buffer.initialize(repeating: 0, count: 3 * SegmentLimits.group)
    defer { buffer.deallocate() }
    var walks = inputs.map { $0.segment.terms.walk() }
    var live: [Int] = []
    for index in walks.indices where try walks[index].next() { live.append(index) }
    var done = 0
    while !live.isEmpty {
      var least = walks[live[0]].term
      for index in live.dropFirst() where walks[index].term.lexicographicallyPrecedes(least) {
        least = walks[index].term
      }
      lists.removeAll()
      for index in live where walks[index].term == least {
        try append(walks[index].entry, of: index, to: &lists, buffer)
      }
      if !lists.isEmpty {
        try least.withUnsafeBytes { try writer.append(term: $0, lists) }
      }
      for index in live where walks[index].term == least {
        done += 1
        if try !walks[index].next() { live.removeAll { $0 == index } }
      }
      if done >= 4096 {
        try advance(done)
        done = 0
      }
    }
    try advance(done)
  }

  /// Adds what is left of a term's postings in an input.
  private func append(
    _ entry: TermEntry, of input: Int, to lists: inout TermLists,
    _ buffer: UnsafeMutablePointer<UInt32>
  ) throws {
    let segment = inputs[input].segment
    let list = try segment.postings(of: entry)
    var positions = try TermPositions(
      entry, in: segment, buffer: buffer + 2 * SegmentLimits.group)
    let ids = buffer
    let frequencies = buffer + SegmentLimits.group
    var before = 0
    try renumbering[input].withUnsafeBufferPointer { numbers in
      for group in 0..<list.groups {
        let count = try list.decode(group, into: ids, frequencies)
        for index in 0..<count {
          let number = numbers[Int(ids[index])]
          let frequency = frequencies[index]
          if number != Self.dropped {
            lists.append(passage: number, frequency: frequency)
            try positions.append(first: before, frequency: frequency, to: &lists.places)
          }
          before += Int(frequency)
        }
      }
    }
  }
}
