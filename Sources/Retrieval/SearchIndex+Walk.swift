import PassageIndex

extension SearchIndex {
  /// Every passage's place, in the dataset's order: by sample, then from each text's beginning.
  func passagesInOrder() throws -> [(segment: Int, passage: Int, sample: Int, ordinal: Int)] {
    var documents: [(sample: UInt32, segment: Int, document: Int)] = []
    documents.reserveCapacity(manifest.documents)
    for (number, segment) in segments.enumerated() {
      for document in 0..<segment.segment.description.documents {
        let sample = try segment.sample(ofDocument: document)
        if sample != SampleMatching.none { documents.append((sample, number, document)) }
      }
    }
    documents.sort { $0.sample < $1.sample }
    return documents.flatMap { entry in
      segments[entry.segment].segment.passages(ofDocument: entry.document).enumerated().map {
        (entry.segment, $0.element, Int(entry.sample), $0.offset)
      }
    }
  }

  /// Calls `body` with every passage, in the dataset's order. Each text is read once.
  public func forEachPassage(_ body: (Passage) throws -> Void) throws {
    var rest = try passagesInOrder()[...]
    while let first = rest.first {
      let places = rest.prefix { $0.sample == first.sample }
      rest = rest[places.endIndex...]
      let document = segments[first.segment].segment.document(ofPassage: first.passage)
      try withDocument(segment: first.segment, document: document, sample: first.sample) { text in
        for place in places {
          try body(text.passage(place.passage, ordinal: place.ordinal, score: 0))
        }
      }
    }
  }
}
