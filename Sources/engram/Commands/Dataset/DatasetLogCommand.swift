import ArgumentParser
import Datasets

/// The history of a dataset.
struct DatasetLogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Show the versions of a dataset, the newest first.",
    discussion: """
      Chunks are counted against the version that each was made from: +added/-removed.

        engram dataset log corpus
        engram dataset log corpus --format json | jq .addedChunks
      """)

  @Argument(help: ArgumentHelp("NAME.", valueName: "dataset"))
  var dataset: String

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var name: String
    var version: Int
    var published: String
    var samples: Int
    var bytes: Int
    var addedChunks: Int
    var removedChunks: Int
    var sharedChunks: Int
    var identity: String
    var message: String
  }

  func run() throws {
    let reference = try DatasetReference(parsing: dataset)
    if let version = reference.version {
      throw CommandError(
        "log shows all versions of a dataset", hint: "leave @\(version) away")
    }
    let lines = try store.open(.reading).changes(ofDataset: reference.name).reversed().map {
      let manifest = $0.version.manifest
      return Line(
        name: manifest.name, version: manifest.version, published: $0.version.published,
        samples: manifest.samples, bytes: manifest.bytes, addedChunks: $0.change.added,
        removedChunks: $0.change.removed, sharedChunks: $0.change.shared,
        identity: manifest.identity, message: manifest.message)
    }
    switch output.format {
    case .json:
      for line in lines { try JSONLine.print(line) }
    case .text:
      TextTable.print(
        [["version", "published", "samples", "chunks", "message"]]
          + lines.map {
            [
              "\($0.name)@\($0.version)", $0.published, "\($0.samples)",
              "+\($0.addedChunks)/-\($0.removedChunks)", SingleLine.text($0.message),
            ]
          })
    }
  }
}
