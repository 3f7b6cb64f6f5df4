/// One compression library, behind the few words that a stream needs of it.
///
/// Streams follow one another (members, frames): a decoder begins the next by itself.
protocol StreamDecoder: AnyObject {
  /// Whether everything given so far is whole streams, at least one.
  var isBetweenStreams: Bool { get }

  /// Decodes some of `input` into `output`, which is not empty. Input may be empty: what the
  /// library holds back is written then.
  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(StreamFailure) -> (consumed: Int, produced: Int)
}

/// Why a library refuses bytes.
enum StreamFailure: Error {
  case damaged(String)
  case windowTooLarge(limit: Int)
}
