import Files
import Samples

/// A folder of tars as WebDataset reads them, `NAME-000000.tar` and so on.
///
/// Members are called by the sample's number: `KEY.txt` and `KEY.json` (all of the metadata) of a
/// document, `KEY.npy` (and `KEY.starts.json`, where samples have boundaries) of tokens, `KEY.bin`.
final class WebDatasetWriter: CorpusWriter {
  private let folder: OutputFolder
  private let form: WrittenForm
  private var tar: TarWriter?
  private var tarBytes = 0
  private var tars = 0

  private let shardBytes: Int

  /// - Parameter shardBytes: about the most bytes of a tar; a larger sample is one alone.
  init(
    _ path: String, _ form: WrittenForm, overwrite: Bool, shardBytes: Int = 256 << 20
  ) throws {
    self.form = form
    self.shardBytes = shardBytes
    folder = try OutputFolder(path, format: .webdataset, overwrite: overwrite)
  }

  func append(_ sample: UnsafeRawBufferPointer, number: Int) throws {
    let key = Self.padded(number, 9)
    let tar = try openTar(for: sample.count)
    switch form {
    case .document:
      let document = try WrittenDocument(sample, number: number, path: folder.path)
      // The text first: a reader that streams has it when the metadata comes.
      try tar.append(key + ".txt", document.text)
      try tar.append(key + ".json", document.metadata)
    case .tokens(let layout):
      let tokens = try WrittenTokens(sample, layout, number: number, path: folder.path)
      let array = NpyText.head(count: tokens.count, width: layout.width) + Array(tokens.ids)
      try array.withUnsafeBytes { try tar.append(key + ".npy", $0) }
      if layout.hasBoundaries {
        let starts = Array("[\(tokens.starts.map(String.init).joined(separator: ","))]".utf8)
        try starts.withUnsafeBytes { try tar.append(key + ".starts.json", $0) }
      }
    case .bytes: try tar.append(key + ".bin", sample)
    }
  }

  func finish() throws {
    // No samples are an empty tar.
    try (tar ?? openTar(for: 0)).finish()
    tar = nil
    try folder.finish()
  }

  private func openTar(for bytes: Int) throws -> TarWriter {
    let size = bytes + 3 * 512
    if let tar {
      if tarBytes + size <= shardBytes {
        tarBytes += size
        return tar
      }
      try tar.finish()
    }
    let made = try TarWriter(
      creating: folder.temporary + "/\(folder.name)-\(Self.padded(tars, 6)).tar")
    tar = made
    tarBytes = size
    tars += 1
    return made
  }

  private static func padded(_ number: Int, _ count: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
  }
}

/// The head of a NumPy file of one dimension.
enum NpyText {
  /// Format 1.0, padded so that the elements start at a multiple of 64 bytes.
  static func head(count: Int, width: Int) -> [UInt8] {
    var text = "{'descr': '<u\(width)', 'fortran_order': False, 'shape': (\(count),), }"
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    let size = text.utf8.count
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size & 255), UInt8(size >> 8)]
      + Array(text.utf8)
  }
}
