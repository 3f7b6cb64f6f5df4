import Compression
import Files
import Samples

/// The formats that are not text: how they are cut into units, what their samples are, how they
/// are read.
package enum BinaryCorpora {
  /// About how many bytes of samples a part of a large file has.
  static let partBytes = 64 << 20
  /// The most parts of a file.
  static let partLimit = 1024

  /// Looks at a unit's head: what its samples are, and into which parts it is cut.
  ///
  /// A unit whose head is wrong is returned as it is: its reader says what is wrong with it.
  ///
  /// - Returns: units of sample numbers; the sizes of parts are their shares of the file.
  /// - Complexity: reads heads and indices, no samples.
  package static func units(
    for unit: CorpusUnit, options: CorpusOptions
  ) throws -> (units: [CorpusUnit], kind: SampleKind, tokens: TokenLayout?) {
    if options.kind == .bytes, [.npy, .megatron, .bytes].contains(unit.format) {
      var whole = unit
      whole.format = .bytes
      return ([whole], .bytes, nil)
    }
    do {
      switch unit.format {
      case .npy: return try npy(unit, options)
      case .megatron: return try megatron(unit)
      case .mds: return try mds(unit, options)
      case .ffrecord: return try ffrecord(unit, options)
      case .webdataset: return try webDataset(unit, options)
      default: return ([unit], defaultKind(unit.format, options), nil)
      }
    } catch { return ([unit], defaultKind(unit.format, options), nil) }
  }

  /// A reader of a unit, from a position that one of its batches gave.
  ///
  /// - Parameter tokens: how ids shall lie in the samples, where they are tokens.
  package static func makeReader(
    for unit: CorpusUnit, from position: CorpusPosition, options: CorpusOptions,
    tokens: TokenLayout?, kind: SampleKind
  ) throws -> any CorpusReader {
    switch unit.format {
    case .npy:
      return NpyReader(unit, from: position, options: options, width: tokens?.width ?? 4)
    case .megatron:
      return RecordReader(path: unit.path) {
        try MegatronSource(unit, from: position, options: options, width: tokens?.width ?? 4)
      }
    case .mds:
      return RecordReader(path: unit.path) {
        try MDSSource(unit, from: position, options: options, kind: kind, tokens: tokens)
      }
    case .webdataset:
      return RecordReader(path: unit.path) {
        try WebDatasetSource(unit, from: position, options: options, kind: kind, tokens: tokens)
      }
    case .ffrecord:
      return RecordReader(path: unit.path) {
        try FFRecordSource(unit, from: position, options: options, kind: kind)
      }
    default:
      return RecordReader(path: unit.path) {
        try BytesSource(unit, from: position, options: options)
      }
    }
  }

  /// One layout for the token ids of several sources: the wider ids win, and samples have one
  /// length only where all sources give the same.
  ///
  /// - Returns: `nil` for no sources.
  package static func tokens(merging layouts: [TokenLayout]) -> TokenLayout? {
    guard var merged = layouts.first else { return nil }
    for layout in layouts.dropFirst() {
      merged.width = max(merged.width, layout.width)
      if layout.length != merged.length { merged.length = nil }
      merged.hasBoundaries = merged.hasBoundaries || layout.hasBoundaries
    }
    return merged
  }

  private static func defaultKind(_ format: CorpusFormat, _ options: CorpusOptions) -> SampleKind {
    if let kind = options.kind { return kind }
    return switch format {
    case .npy, .megatron: .tokens
    case .ffrecord, .bytes: .bytes
    default: .document
    }
  }
}

// What each format's head says.
extension BinaryCorpora {
  private typealias Found = (units: [CorpusUnit], kind: SampleKind, tokens: TokenLayout?)

  private static func npy(_ unit: CorpusUnit, _ options: CorpusOptions) throws -> Found {
    let bytes = try ForwardBytes(unit)
    let array = NpyArray(try NpyHeader(bytes), sequenceLength: options.sequenceLength)
    let isWhole = bytes.count == array.header.dataOffset + array.header.dataBytes
    let units =
      isWhole ? parts(unit, samples: array.samples, bytes: array.header.dataBytes) : [unit]
    return (units, .tokens, array.layout(sequenceLength: options.sequenceLength))
  }

  private static func megatron(_ unit: CorpusUnit) throws -> Found {
    let index = try MegatronIndex(path: unit.megatronIndex)
    var units = [unit]
    if unit.compression == .none {
      let size = try RegularFile(path: unit.path).count
      units = parts(unit, samples: index.count, bytes: size)
    }
    return (units, .tokens, TokenLayout(width: index.type.idWidth))
  }

  private static func ffrecord(_ unit: CorpusUnit, _ options: CorpusOptions) throws -> Found {
    var units = [unit]
    if unit.compression == .none {
      let bytes = try ForwardBytes(path: unit.path, compression: .none)
      let header = try FFRecordHeader(bytes, part: 0..<0, limit: options.recordLimit)
      // Every part reads the whole head.
      units = parts(unit, samples: header.total, bytes: bytes.count ?? 0, limit: 64)
    }
    return (units, options.kind ?? .bytes, nil)
  }

  private static func webDataset(_ unit: CorpusUnit, _ options: CorpusOptions) throws -> Found {
    guard options.kind == nil || options.kind == .tokens, unit.path != "-" else {
      return ([unit], options.kind ?? .document, nil)
    }
    let layout = try WebDatasetSource.tokenLayout(of: unit, options)
    let kind = options.kind ?? (layout == nil ? .document : .tokens)
    return ([unit], kind, kind == .tokens ? layout : nil)
  }

  private static func mds(_ unit: CorpusUnit, _ options: CorpusOptions) throws -> Found {
    let index = try MDSIndex(folder: unit.path)
    let layout = MDSLayout(index.shards.first?.columns ?? [], options: options)
    let bytes = index.shards.reduce(0) { $0 + min($1.bytes, 1 << 40) }
    let target = max(partBytes, bytes / partLimit)
    var units: [CorpusUnit] = []
    var first = 0
    var filled = 0
    for (number, shard) in index.shards.enumerated() {
      filled += shard.bytes
      guard filled >= target || number == index.shards.count - 1 else { continue }
      var part = unit
      part.part = first..<shard.samples.upperBound
      part.size = filled
      units.append(part)
      first = shard.samples.upperBound
      filled = 0
    }
    return (units.count > 1 ? units : [unit], layout.kind, layout.tokens)
  }

  /// Cuts a unit by sample numbers into parts of about the same number of bytes.
  private static func parts(
    _ unit: CorpusUnit, samples: Int, bytes: Int, limit: Int = partLimit
  ) -> [CorpusUnit] {
    let count = min(limit, samples, bytes / partBytes + 1)
    guard count > 1 else { return [unit] }
    return (0..<count).map { number in
      var part = unit
      part.part =
        samples / count * number + min(number, samples % count)..<samples / count * (number + 1)
        + min(number + 1, samples % count)
      part.size = bytes / count + (number < bytes % count ? 1 : 0)
      return part
    }
  }
}
