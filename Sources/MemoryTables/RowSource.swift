import Addressing

/// Where the rows of a new table come from: anything that can copy a range of them.
///
/// Calls come from several threads at once, each for ranges of its own, ascending within a run
/// of pages.
public protocol RowSource: Sendable {
  /// Copies rows into slots.
  ///
  /// - Parameter rows: row ids, in order.
  /// - Parameter slots: where the first row goes; the next ones follow `stride` bytes apart. The
  ///   last 4 bytes of each slot are the writer's.
  func copyRows(
    _ rows: Range<Int>, into slots: UnsafeMutableRawPointer, stride: Int
  ) throws
}

/// What a new table version is to be; the writer adds version, layout, content and identity.
public struct TableDraft: Sendable {
  /// The table's name.
  public var name: String
  /// Rows.
  public var rows: Int
  /// Numbers in a row.
  public var dimension: Int
  /// How they are stored.
  public var codec: RowCodec
  /// The table-wide scale of codec `fp8e4m3`, as float32 bits.
  public var scaleBits: UInt32?
  /// How tokens become row ids.
  public var addressing: Addressing?
  /// The N-grams of an exact table, one a row.
  public var exact: ExactIndex?
  /// Where the rows come from.
  public var source: TableManifest.Source
  /// Small files to keep beside the table, by name: a token map, source headers.
  public var attachments: [String: [UInt8]]
  /// The most pages that can hold anything but zeros, where that is known to be fewer than all:
  /// what the disk must have room for.
  public var mostStoredPages: Int?

  /// A draft with these values.
  public init(
    name: String, rows: Int, dimension: Int, codec: RowCodec, scaleBits: UInt32? = nil,
    addressing: Addressing? = nil, exact: ExactIndex? = nil, source: TableManifest.Source,
    attachments: [String: [UInt8]] = [:], mostStoredPages: Int? = nil
  ) {
    self.name = name
    self.rows = rows
    self.dimension = dimension
    self.codec = codec
    self.scaleBits = scaleBits
    self.addressing = addressing
    self.exact = exact
    self.source = source
    self.attachments = attachments
    self.mostStoredPages = mostStoredPages
  }
}
