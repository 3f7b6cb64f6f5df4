import ArgumentParser
import ChunkStore
import Corpora
import Datasets
import Samples

extension SampleKind: ExpressibleByArgument {}
extension CorpusFormat: ExpressibleByArgument {}
extension CorpusOptions.HTMLMode: ExpressibleByArgument {}

/// The options that say how sources are read.
struct CorpusArguments: ParsableArguments {
  @Option(help: "What samples are (default: what the format is made for).")
  var kind: SampleKind?

  @Option(help: "The format of all sources (default: each by its name).")
  var inputFormat: CorpusFormat?

  @Option(help: ArgumentHelp("The field that holds a record's text.", valueName: "field"))
  var textField = "text"

  @Option(
    help: ArgumentHelp("The field that names a record (default: id, if any).", valueName: "field"))
  var idField: String?

  @Option(help: ArgumentHelp("Leave these files out; may be repeated.", valueName: "glob"))
  var exclude: [String] = []

  @Option(
    help: ArgumentHelp("Take these files whatever their extension.", valueName: "glob"))
  var include: [String] = []

  @Option(help: ArgumentHelp("Leave out documents with fewer bytes of text.", valueName: "bytes"))
  var minBytes = 0

  @Option(help: ArgumentHelp("The documents' language, e.g. zh.", valueName: "code"))
  var languageHint: String?

  @Option(help: "What becomes of HTML.")
  var html: CorpusOptions.HTMLMode = .text

  @Option(help: ArgumentHelp("Tokens of a sample, for one long array.", valueName: "tokens"))
  var sequenceLength: Int?

  @Option(help: ArgumentHelp("The most bytes of one record.", valueName: "size"))
  var recordLimit = "256M"

  var options: CorpusOptions {
    get throws {
      guard let limit = ByteCount.parse(recordLimit), limit <= ChunkLayout.sampleLimit else {
        throw ValidationError("--record-limit takes a size up to 1G")
      }
      guard minBytes >= 0, sequenceLength ?? 1 > 0 else {
        throw ValidationError("--min-bytes and --sequence-length are not negative")
      }
      var options = CorpusOptions()
      options.kind = kind
      options.format = inputFormat
      options.textField = textField
      options.idField = idField
      options.exclude = exclude
      options.include = include
      options.minimumBytes = minBytes
      options.languageHint = languageHint
      options.html = html
      options.sequenceLength = sequenceLength
      options.recordLimit = limit
      return options
    }
  }
}

/// The options that say how chunks are stored.
struct ChunkArguments: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Compress blocks with LZ4.")
  var compress = true

  @Option(
    help: ArgumentHelp(
      "Bytes of a block before compression: what reading one sample checks and decodes; a power of "
        + "two (default: 16K, 4K without compression).", valueName: "size"))
  var blockSize: String?

  @Option(help: ArgumentHelp("Bytes of a chunk before compression, about.", valueName: "size"))
  var chunkSize = "4M"

  var storage: DatasetWriter.Storage {
    get throws {
      var storage = DatasetWriter.Storage(isCompressed: compress)
      if let blockSize {
        guard let block = ByteCount.parse(blockSize), block.nonzeroBitCount == 1,
          ChunkLayout.blockBytesRange.contains(block)
        else { throw ValidationError("--block-size takes a power of two from 4K to 16M") }
        storage.blockBytes = block
      }
      guard let chunk = ByteCount.parse(chunkSize), (64 << 10...256 << 20).contains(chunk) else {
        throw ValidationError("--chunk-size takes a size from 64K to 256M")
      }
      storage.chunkBytes = chunk
      return storage
    }
  }
}
