import Addressing
import ArgumentParser
import Checkpoints
import Foundation
import Fusion
import MemoryTables
import Safetensors
import Tokenization

/// What a model's gate says to the rows of a text.
struct MemoryGateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate",
    abstract: "Show how far a layer's gate opens for the rows of a text.",
    discussion: """
      Looks the tokens' rows up in the table, reads the layer's fusion weights from the model \
      folder and prints the gate, 0 to 1, for each token and branch. Hidden states come from a \
      safetensors file (tensor `hidden` [tokens, branches, width]); without one, seeded normal \
      numbers take their place.

        engram memory gate deepseek-v4.1/layer1 --from DeepSeek-V4.1-Flash \\
          --text "Alexander the Great" --tokenizer tokenizer.json --hidden hidden.safetensors
      """)

  @Argument(help: ArgumentHelp("NAME or NAME@V.", valueName: "table"))
  var table: String

  @Option(help: ArgumentHelp("The model folder with the fusion weights.", valueName: "folder"))
  var from: String

  @Option(help: ArgumentHelp("The text.", valueName: "text"))
  var text: String

  @Option(help: ArgumentHelp("The model's tokenizer.json.", valueName: "file"))
  var tokenizer: String

  @Option(help: ArgumentHelp("Hidden states, a safetensors file.", valueName: "file"))
  var hidden: String?

  @Option(
    help: ArgumentHelp("Seed of the hidden states where none are given.", valueName: "number"))
  var seed: UInt64 = 0

  @OptionGroup var store: StoreOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var position: Int
    var token: Int32
    var text: String
    var gate: [Float]
  }

  func run() throws {
    let table = try Table(TableReference(parsing: table), in: store.open(.reading))
    guard let addressing = table.manifest.addressing else {
      if table.manifest.exact != nil { throw TableError.notHashed(table: table.manifest.name) }
      throw TableError.notAddressed(table: table.manifest.name)
    }
    let weights = try CheckpointFolder(path: from).fusionWeights(layer: addressing.layer)
    let tokenizer = try Tokenizer(path: tokenizer)
    let tokens = try tokenizer.encode(text)
    let isMapped = if case .mapped = addressing.tokens { true } else { false }
    let hasher = try table.hasher(
      tokenMap: isMapped ? try TokenMap(tokenizer: tokenizer) : nil)
    let rows = try table.gatherFloats(try hasher.rows(for: tokens))
    guard weights.inputs == addressing.columns * table.manifest.dimension else {
      throw CommandError(
        "the weights of \(from) take \(weights.inputs) numbers a token, \(table.manifest.name) "
          + "gives \(addressing.columns * table.manifest.dimension)",
        hint: "name the folder that the table was imported from")
    }
    let states = try hiddenStates(tokens: tokens.count, weights: weights)
    var gate = [Float](repeating: 0, count: tokens.count * weights.branches)
    var history = ConvolutionState(for: weights)
    try gate.withUnsafeMutableBufferPointer { gate in
      try states.withUnsafeBufferPointer { states in
        try rows.withUnsafeBufferPointer { rows in
          try EngramFusion(
            weights, threads: ProcessInfo.processInfo.activeProcessorCount
          ).forward(
            tokens: tokens.count, hidden: states, rows: rows, mask: nil, state: &history,
            into: FusionOutputs(gate: gate))
        }
      }
    }
    for (position, token) in tokens.enumerated() {
      let line = Line(
        position: position, token: token, text: tokenizer.decode(token),
        gate: Array(gate[(position * weights.branches)..<((position + 1) * weights.branches)]))
      switch output.format {
      case .json: try JSONLine.print(line)
      case .text:
        let numbers = line.gate.map { String(format: "%.4f", $0) }.joined(separator: "  ")
        print("\(numbers)  token \(position): \(token) \(line.text.debugDescription)")
      }
    }
  }

  private func hiddenStates(tokens: Int, weights: FusionWeights) throws -> [Float] {
    let shape = [tokens, weights.branches, weights.width]
    if let hidden { return try SafetensorsFile(path: hidden).floats(of: "hidden", shape: shape) }
    return SeededStates.normal(count: shape.reduce(1, *), seed: seed)
  }
}
