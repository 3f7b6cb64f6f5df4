/// What the bytes of another source stand for.
///
/// Memory: 256 KiB of input and what the library keeps (zstd: at most 128 MiB, and less for all
/// but long windows). One thread at a time. An error comes again with every further call.
public final class DecompressingByteSource: ByteSource {
  private let source: any ByteSource
  private let path: String
  private let format: CompressionFormat
  /// `nil` where nothing is compressed.
  private let decoder: (any StreamDecoder)?

  private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
  /// What of `input` is not decoded yet.
  private var pending = 0..<0
  private var sourceHasEnded = false
  /// Compressed bytes decoded so far.
  private var offset = 0
  private var failure: (any Error)?

  /// - Parameter source: the compressed bytes.
  /// - Parameter path: what they are called, for messages.
  public init(
    _ source: any ByteSource, format: CompressionFormat, path: String
  ) throws(CompressionError) {
    self.source = source
    self.format = format
    self.path = path
    do throws(StreamFailure) {
      decoder =
        switch format {
        case .none: nil
        case .gzip: try GzipDecoder()
        case .zstd: try ZstdDecoder()
        case .bzip2: try Bzip2Decoder()
        case .lz4: try LZ4Decoder()
        }
    } catch {
      throw CompressionError(error, path, format, 0)
    }
  }

  deinit { input.deallocate() }

  /// - Throws: `CompressionError.cutOff`, `.damaged` or `.windowTooLarge`, and what the source
  ///   throws.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard let decoder else { return try source.read(into: buffer) }
    guard !buffer.isEmpty else { return 0 }
    if let failure { throw failure }
    do { return try decode(with: decoder, into: buffer) } catch {
      failure = error
      throw error
    }
  }

  private func decode(
    with decoder: any StreamDecoder, into buffer: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    while true {
      if pending.isEmpty, !sourceHasEnded {
        pending = 0..<(try source.read(into: input))
        sourceHasEnded = pending.isEmpty
      }
      let step: (consumed: Int, produced: Int)
      do throws(StreamFailure) {
        step = try decoder.decode(
          UnsafeRawBufferPointer(rebasing: input[pending]), into: buffer)
      } catch {
        throw CompressionError(error, path, format, offset)
      }
      pending = (pending.lowerBound + step.consumed)..<pending.upperBound
      offset += step.consumed
      if step.produced > 0 { return step.produced }
      guard step.consumed == 0 else { continue }
      if !pending.isEmpty {
        throw CompressionError.damaged(
          path: path, format: format, offset: offset, reason: "nothing can be read from here on")
      }
      if sourceHasEnded {
        if decoder.isBetweenStreams { return 0 }
        throw CompressionError.cutOff(path: path, format: format, offset: offset)
      }
    }
  }
}

extension CompressionError {
  fileprivate init(
    _ failure: StreamFailure, _ path: String, _ format: CompressionFormat, _ offset: Int
  ) {
    switch failure {
    case .damaged(let reason):
      self = .damaged(path: path, format: format, offset: offset, reason: reason)
    case .windowTooLarge(let limit): self = .windowTooLarge(path: path, limit: limit)
    }
  }
}
