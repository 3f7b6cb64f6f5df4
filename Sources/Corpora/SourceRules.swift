import Compression
import Files
import Foundation

/// Which files are read, and as what: the options, made ready.
struct SourceRules {
  /// What is done with a file.
  enum Look {
    case take(FoundFile)
    /// Counted by this reason.
    case leave(String)
    case bad(String)
    /// It is read together with another file: a Megatron index.
    case belongsToAnother
  }

  private let options: CorpusOptions
  private let exclude: [PathPattern]
  private let include: [PathPattern]

  init(_ options: CorpusOptions) {
    self.options = options
    exclude = options.exclude.map(PathPattern.init)
    include = options.include.map(PathPattern.init)
  }

  /// Whether folders can be sources themselves.
  var takesFolders: Bool {
    options.format == .mds || options.format == nil && options.kind != .bytes
  }

  func excludes(_ name: String) -> Bool { exclude.contains { $0.fits(name) } }

  func includes(_ name: String) -> Bool { include.contains { $0.fits(name) } }

  /// Looks at what is no folder.
  ///
  /// - Parameter isNamed: whether somebody named this very file.
  /// - Parameter hasSibling: whether a name is in the file's folder.
  func look(
    at path: SystemPath, name: String, _ status: stat, isNamed: Bool, isIncluded: Bool,
    _ hasSibling: ([UInt8]) -> Bool
  ) -> Look {
    guard status.isFile else {
      return .bad(
        "this is a FIFO, a socket or a device, from which reading may never end; leave it out with"
          + " --exclude, or copy what it gives to a file")
    }
    let format: FileFormat
    switch self.format(
      of: path, isTaken: isNamed || isIncluded, hasSibling)
    {
    case .take(let found): format = found
    case .leave(let reason): return .leave(reason)
    case .belongsToAnother: return .belongsToAnother
    }
    do throws(FileError) { try path.checkReadable() } catch {
      return .bad(Self.reason(error, path))
    }
    return .take(
      FoundFile(
        path: path, name: name, format: format, size: Int(status.st_size),
        modified: status.modified))
  }

  private enum Choice {
    case take(FileFormat)
    case leave(String)
    case belongsToAnother
  }

  private func format(
    of path: SystemPath, isTaken: Bool, _ hasSibling: ([UInt8]) -> Bool
  ) -> Choice {
    let last = String(decoding: path.lastName, as: UTF8.self)
    let (compression, inner) = CompressionFormat.of(fileName: last)
    if let format = options.format {
      switch format {
      case .bytes: return .take(FileFormat(.bytes, .none))
      case .mds: return .leave("in no folder of MDS shards")
      case .megatron where !FileFormat.hasIndex(inner, hasSibling):
        return FileFormat.isIndex(inner, hasSibling)
          ? .belongsToAnother : .leave("no .bin with an .idx beside it")
      default: return .take(FileFormat(format, compression))
      }
    }
    if options.kind == .bytes { return .take(FileFormat(.bytes, .none)) }
    if FileFormat.hasIndex(inner, hasSibling) { return .take(FileFormat(.megatron, compression)) }
    if FileFormat.isIndex(inner, hasSibling) { return .belongsToAnother }
    if let format = FileFormat.known(inner) {
      guard format == .jsonl, FileFormat.isPlainJSON(inner) else {
        return .take(FileFormat(format, compression))
      }
      let isLines = JSONLinesGuess.isJSONLines(path, compression, textField: options.textField)
      return .take(FileFormat(isLines ? .jsonl : .text, compression))
    }
    if isTaken { return .take(FileFormat(.text, compression)) }
    let parts = inner.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, let ending = parts.last, !ending.isEmpty, ending.utf8.count <= 16 else {
      return .leave("no known extension")
    }
    return .leave("extension .\(ending.lowercased())")
  }

  /// What an error says of a path, for a message that names it already.
  static func reason(_ error: FileError, _ path: SystemPath) -> String {
    switch error.code {
    case ELOOP: "its links lead in a circle; remove them"
    case ENOENT: "this link leads nowhere; remove it or exclude it"
    case EACCES, EPERM:
      "it may not be read (\(String(cString: strerror(error.code)))); check who may"
    default: "\(error)"
    }
  }
}
