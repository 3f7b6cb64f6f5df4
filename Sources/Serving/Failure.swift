import Addressing
import ChunkStore
import ContextStore
import Datasets
import Files
import Fusion
import MemoryExplanation
import MemoryTables
import MetadataColumns
import NgramCounts
import PassageIndex
import Questions
import Retrieval
import SampleOrder
import Storage
import Terms
import Tokenization
import VectorIndex

/// What kind of failure an error is, for those who must answer with a code: the library's status, the
/// service's HTTP status.
public enum Failure: String, Sendable, CaseIterable {
  /// The question makes no sense, whatever the store holds.
  case invalid
  /// No store, table, dataset, version or index of that name.
  case notFound
  /// A row, sample, position or token outside what there is.
  case outOfRange
  /// The caller's buffer is too small.
  case tooSmall
  /// Stored bytes do not match their checksums.
  case corrupt
  /// The system refused a file.
  case io
  /// A newer format than this program reads.
  case newerFormat
  /// What was named cannot do this.
  case unsupported
  /// Anything else.
  case failed

  /// The kind of an error of this package.
  public init(_ error: any Error) {
    self =
      switch error {
      case let error as TableError: Self.kind(error)
      case let error as DatasetError: Self.kind(error)
      case let error as RetrievalError: Self.kind(error)
      case let error as StorageError: Self.kind(error)
      case let error as ChunkError: Self.kind(error)
      case let error as AddressingError: Self.kind(error)
      case let error as ContextError: Self.kind(error)
      case let error as RequestError: error.failure
      case SampleOrderError.noSuchPosition: .outOfRange
      case is SampleOrderError, is FusionError, is QuestionError, is TermError: .invalid
      case is TokenMapError, is PassageIndexError, is VectorIndexError, is MetadataColumnsError:
        .corrupt
      case is ExplanationError, is CountError, is TokenizationError: .invalid
      case is FileError: .io
      default: .failed
      }
  }

  private static func kind(_ error: TableError) -> Failure {
    switch error {
    case .noSuchTable, .noSuchVersion: .notFound
    case .badName, .invalidDraft, .cannotEncode: .invalid
    case .rowOutOfRange: .outOfRange
    case .bufferTooSmall: .tooSmall
    case .corruptRow, .corruptFile, .corruptKey, .foreignDirectory: .corrupt
    case .newerFormat: .newerFormat
    case .notAddressed, .notHashed, .notExact: .unsupported
    case .diskFull: .io
    }
  }

  private static func kind(_ error: ContextError) -> Failure {
    switch error {
    case .noStore, .missing: .notFound
    case .notAStore, .writerIsActive: .io
    case .newerFormat: .newerFormat
    case .readOnly: .unsupported
    case .badNamespace, .badOption, .blockTooLarge, .noSuchGroup, .wrongPartSize, .noParts,
      .badKeys:
      .invalid
    case .blocksOutOfRange, .layersOutOfRange, .rowOutOfRange, .badToken: .outOfRange
    case .bufferTooSmall: .tooSmall
    }
  }

  private static func kind(_ error: DatasetError) -> Failure {
    switch error {
    case .noSuchDataset, .noSuchVersion, .dropped: .notFound
    case .sampleOutOfRange: .outOfRange
    case .badSample, .corrupt: .corrupt
    case .newerFormat: .newerFormat
    case .otherKind: .unsupported
    case .badName, .nothingToResume, .otherIngest: .invalid
    }
  }

  private static func kind(_ error: RetrievalError) -> Failure {
    switch error {
    case .noIndex, .noIndexOfVersion, .datasetIsGone: .notFound
    case .corrupt: .corrupt
    case .newerFormat: .newerFormat
    case .noText, .noTokenizer, .noVectors, .noModel: .unsupported
    case .diskFull: .io
    case .otherTokenizer, .noWords, .badQuestion, .tooManyWords, .unknownField, .badOption: .invalid
    }
  }

  private static func kind(_ error: StorageError) -> Failure {
    switch error {
    case .noStore, .notAStore: .notFound
    case .newerFormat: .newerFormat
    case .corruptFile: .corrupt
    case .database, .writerIsActive, .diskFull: .io
    }
  }

  private static func kind(_ error: ChunkError) -> Failure {
    switch error {
    case .newerFormat: .newerFormat
    case .missing, .corruptChunk, .corruptBlock: .corrupt
    case .sampleTooLarge: .invalid
    }
  }

  private static func kind(_ error: AddressingError) -> Failure {
    switch error {
    case .tokenOutOfRange: .outOfRange
    case .tokenMapRequired, .boundaryUnsupported: .unsupported
    default: .invalid
    }
  }
}

/// What is wrong with a request, before the store is asked. Prints as one line.
public enum RequestError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A value that makes no sense.
  case badValue(name: String, found: String, expected: String)
  /// A member of a JSON object that means nothing here.
  case unknownMember(name: String, known: [String])
  /// No JSON of the form that is asked for.
  case malformed(reason: String)
  /// The caller's buffer is too small.
  case bufferTooSmall(needed: Int, given: Int)
  /// The table's tokens cannot have this.
  case unsupported(what: String, of: String)

  var failure: Failure {
    switch self {
    case .badValue, .unknownMember, .malformed: .invalid
    case .bufferTooSmall: .tooSmall
    case .unsupported: .unsupported
    }
  }

  /// One line: what is wrong, and what to give instead.
  public var description: String {
    switch self {
    case .badValue(let name, let found, let expected): "\(name) is \(found); give \(expected)"
    case .unknownMember(let name, let known):
      "there is no member \"\(name)\"; there are: \(known.joined(separator: ", "))"
    case .malformed(let reason): "this is not the JSON that is asked for: \(reason)"
    case .bufferTooSmall(let needed, let given):
      "the buffer holds \(given) bytes, \(needed) are needed"
    case .unsupported(let what, let of): "\(of) does not take \(what)"
    }
  }
}
