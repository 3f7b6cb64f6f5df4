import StaticEmbeddings
import Storage
import VectorIndex

extension SearchIndex {
  /// What questions by vectors need, opened when the first one comes.
  struct Vectors: Sendable {
    var indexes: [VectorIndex]
    var model: StaticEmbedding?
  }

  /// The vectors of each segment.
  ///
  /// - Throws: `RetrievalError.noVectors`, `VectorIndexError`, `StorageError.corruptFile`.
  func vectors() throws -> [VectorIndex] { try openVectors().indexes }

  /// The vector of a question.
  ///
  /// - Throws: `RetrievalError.noModel` where a user brought the vectors.
  func embed(_ question: String) throws -> [Float] {
    guard let model = try openVectors().model else {
      throw RetrievalError.noModel(index: title)
    }
    return try model.embed(question)
  }

  private func openVectors() throws -> Vectors {
    guard let source = manifest.vectors else { throw RetrievalError.noVectors(index: title) }
    return try openedVectors.withLock { opened in
      if let opened { return opened }
      let indexes = try segments.map { segment in
        guard let id = segment.vectors else { throw RetrievalError.noVectors(index: title) }
        let index = try VectorIndex(folder: folder(id), salt: IndexVectors.salt(id))
        guard index.count == segment.segment.description.passages,
          index.dimensions == source.dimensions
        else {
          throw RetrievalError.corrupt(
            path: folder(id), reason: "its vectors are not those of the segment")
        }
        return index
      }
      let model = try source.model.map { try StaticEmbedding(folder: folder($0)) }
      // A model's identity is that of its files: a changed bit makes another one.
      if let model, let id = source.model, model.identity != source.identity {
        throw RetrievalError.corrupt(
          path: folder(id), reason: "it is not the model that the index was made with")
      }
      let vectors = Vectors(indexes: indexes, model: model)
      opened = vectors
      return vectors
    }
  }
}
