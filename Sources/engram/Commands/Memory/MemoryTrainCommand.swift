import ArgumentParser
import Datasets
import Files
import Foundation
import MemoryTables
import MemoryTraining
import TokenStreams
import Tokenization

/// A table that is learned from a dataset.
struct MemoryTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a memory table on a dataset, and publish it.",
    discussion: """
      Learns rows, the fusion that adds them and a small host model by predicting next tokens. A \
      part of the samples is held out; its loss is shown with the memory on, off, and with rows \
      shuffled. Beside the published table lies model.safetensors: the fusion and the host.

      Ctrl-C stops and publishes what was learned; --resume goes on from there, as it does after \
      a crash, given the same options. One thread (--threads 1) with a seed gives the same bits \
      every time.

        engram memory train corpus --tokenizer tokenizer.json --as corpus-memory
        engram memory train corpus --tokenizer tokenizer.json --as quick --time-limit 2m \\
          --addressing engram-paper --base 50000 --plot loss.png --csv loss.csv
        engram memory train corpus --tokenizer tokenizer.json --as corpus-memory --resume
        engram memory train corpus --tokenizer tokenizer.json --no-memory --model host.safetensors
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V, documents or tokens.", valueName: "dataset"))
  var dataset: String

  @Option(help: ArgumentHelp("The model's tokenizer.json (byte-level BPE).", valueName: "file"))
  var tokenizer: String

  @Option(help: ArgumentHelp("The table that is made, or gets a new version.", valueName: "name"))
  var `as`: String?

  @Option(help: ArgumentHelp("How rows are stored: \(Self.codecs).", valueName: "name"))
  var codec = RowCodec.bfloat16.rawValue

  @Option(
    help: ArgumentHelp("Write the fusion and the host model here too.", valueName: "file"))
  var model: String?

  @OptionGroup(title: "What is trained") var trained: TrainedModelArguments
  @OptionGroup(title: "How it is trained") var learning: LearningArguments

  @Flag(help: "Go on from the last checkpoint.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "Working files: rows, tokens, checkpoints (default: in the store's folder, training/NAME). "
        + "Removed when a run is over.", valueName: "folder"))
  var work: String?

  @Option(help: ArgumentHelp("Draw the losses, .png or .svg.", valueName: "file"))
  var plot: String?

  @Option(help: ArgumentHelp("Write the losses as a table.", valueName: "file"))
  var csv: String?

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private static let codecs = RowCodec.allCases.map(\.rawValue).joined(separator: ", ")

  func validate() throws {
    guard RowCodec(rawValue: codec) != nil else {
      throw ValidationError("unknown codec \(codec); use one of \(Self.codecs)")
    }
    if trained.noMemory {
      guard `as` == nil, model != nil else {
        throw ValidationError("--no-memory has no table for --as; say where with --model")
      }
    } else if `as` == nil {
      throw ValidationError("say with --as what the table is called")
    }
    if let plot, ![".png", ".svg"].contains(where: { plot.lowercased().hasSuffix($0) }) {
      throw ValidationError("--plot takes a .png or .svg file")
    }
  }

  func run() throws {
    if let name = `as` { try checkName(name) }
    try checkFolders()
    let reading = try store.open(.reading)
    let dataset = try Dataset(DatasetReference(parsing: dataset), in: reading)
    let tokenizer = try Tokenizer(path: tokenizer)
    let stream = try DatasetTokens(dataset, tokenizer: tokenizer)
    let addressing = try trained.resolved(for: tokenizer)
    var options = TrainingOptions()
    trained.apply(to: &options)
    learning.apply(to: &options)
    try TrainingMemory(
      options: options, addressing: addressing, vocabulary: tokenizer.vocabularySize
    ).check()
    let folder = workFolder
    Interruption.watch()
    let observer = TrainingObserver(
      format: output.format, title: "\(`as` ?? "host") on \(dataset.version.title)", plot: plot,
      csv: csv)
    defer { observer.clear() }
    let isNew = DurableFile.size(of: folder) == nil && !DurableFile.isFolder(folder)
    let trainer: Trainer
    do {
      trainer = try Trainer(
        options, stream: stream, addressing: addressing, folder: folder, resuming: resume,
        observe: observer.observe)
    } catch {
      // What could not begin leaves nothing behind.
      if isNew { try? DurableFile.remove(folder) }
      throw error
    }
    observer.begin(after: trainer.curve, isResuming: resume)
    let report = try trainer.run(isStopped: { Interruption.isAsked }, observe: observer.observe)
    observer.clear()
    if report.wasStopped {
      StandardStreams.note(
        "engram: stopped; publishing what was learned, and keeping \(folder) to go on with "
          + "--resume")
    }
    do {
      try TrainingPublication(
        trainer: trainer, report: report, name: `as`,
        codec: RowCodec(rawValue: codec) ?? .bfloat16, model: model, store: store,
        format: output.format
      ).run()
    } catch {
      observer.clear()
      let what = error is CancellationError ? "stopped; nothing was published" : "\(error)"
      let line = "\(what); what was learned is kept in \(folder): --resume publishes it"
      StandardStreams.note("engram: " + SingleLine.text(line))
      throw ExitCode(error is CancellationError ? 130 : 1)
    }
    if !report.wasStopped {
      try trainer.removeFiles()
      // Empty, where this was the only run.
      if work == nil { rmdir(store.path + "/training") }
    }
    try observer.curve.write()
  }

  private func checkName(_ name: String) throws {
    let reference = try TableReference(parsing: name)
    guard reference.version == nil else {
      throw CommandError("--as \(name) names a version", hint: "give the name alone")
    }
  }

  /// A file that cannot be written should not be found out after hours.
  private func checkFolders() throws {
    for path in [model, plot, csv].compactMap({ $0 }) {
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      guard DurableFile.isFolder(folder), access(folder, W_OK) == 0 else {
        throw CommandError(
          "cannot write \(path): \(folder) is no folder that can be written",
          hint: "make it first")
      }
    }
  }

  private var workFolder: String {
    if let work { return work }
    let name = `as` ?? "\(dataset)-host"
    return store.path + "/training/"
      + name.replacing("/", with: "-").replacing("@", with: "-")
  }
}
