import Addressing
import Digests
import Files
import Foundation
import Fusion
import MemoryTables
import Safetensors
import Storage
import TokenStreams
import Tokenization

/// A host model and the fusion that adds a memory's rows to it, as training leaves them beside the
/// table: a safetensors file with `host.embedding`, `host.output` [V, D], `host.bias` [V] and the
/// fusion's weights, `fusion.NAME`, as `FusionWeights` names them.
public final class TrainedModel: Sendable {
  /// The attachment of a trained table that holds its model.
  public static let attachment = "model.safetensors"
  /// The most bytes that such a model has.
  static let sizeLimit = 16 << 30

  /// How it was trained.
  public let options: TrainingOptions
  /// SHA-256 of the tokenizer's file.
  public let tokenizer: String
  /// The fusion's weights; `nil` for a host that was trained alone.
  public let fusion: FusionParameters?
  let host: HostModel

  init(
    options: TrainingOptions, tokenizer: String, fusion: FusionParameters?, host: HostModel
  ) {
    self.options = options
    self.tokenizer = tokenizer
    self.fusion = fusion
    self.host = host
  }

  /// Token ids of the host.
  public var vocabulary: Int { host.vocabulary }

  /// Reads a model that training wrote.
  ///
  /// - Throws: `SafetensorsError`, `FusionError`; `TrainingError.corruptFile` where tensors are
  ///   missing or contradict one another.
  public convenience init(readingFrom path: String) throws {
    try self.init(SafetensorsFile(path: path))
  }

  private convenience init(_ file: SafetensorsFile) throws {
    func corrupt(_ reason: String) -> TrainingError {
      .corruptFile(path: file.path, reason: reason)
    }
    guard let text = file.metadata["engram.training"], let tokenizer = file.metadata["tokenizer"],
      let options = try? JSONDecoder().decode(TrainingOptions.self, from: Data(text.utf8))
    else { throw corrupt("it is no model that engram memory train wrote") }
    do { try options.validate() } catch { throw corrupt("\(error)") }
    let shape = try file.tensor(named: "host.embedding").shape
    guard shape.count == 2, shape[1] == options.width, (1...1 << 24).contains(shape[0]) else {
      throw corrupt("host.embedding has shape \(shape)")
    }
    let host = try HostModel(vocabulary: shape[0], width: shape[1])
    for (name, rows) in host.parts {
      let values = try file.floats(of: "host." + name)
      guard values.count == rows.count * rows.dimension else {
        throw corrupt("host.\(name) has \(values.count) numbers, not those of \(shape)")
      }
      values.withUnsafeBufferPointer {
        rows.values.update(from: $0.baseAddress!, count: $0.count)
      }
    }
    var fusion: FusionParameters?
    if options.hasMemory {
      guard let shapeText = file.metadata["fusion"],
        let shape = try? JSONDecoder().decode(FusionShape.self, from: Data(shapeText.utf8)),
        shape.width == options.width
      else { throw corrupt("it does not say which fusion it has") }
      var tensors: [String: FusionTensor] = [:]
      for slice in FusionParameters.slices(of: shape) {
        let name = "fusion." + slice.name
        tensors[slice.name] = FusionTensor(
          shape: try file.tensor(named: name).shape, values: try file.floats(of: name))
      }
      fusion = try FusionParameters(shape: shape, tensors: tensors)
    }
    self.init(options: options, tokenizer: tokenizer, fusion: fusion, host: host)
  }

  /// The model beside a trained table; `nil` where none was published with it.
  ///
  /// - Throws: `TableError.corruptFile` where it is missing, or not the one that was published; as
  ///   `init(readingFrom:)`.
  public static func besides(_ table: Table) throws -> TrainedModel? {
    guard let bytes = try table.attachment(attachment, limit: sizeLimit) else { return nil }
    return try TrainedModel(
      SafetensorsFile(bytes: bytes, name: table.folder + "/" + attachment))
  }

  /// Writes the model; the file appears when it is whole.
  ///
  /// - Throws: `SafetensorsError`.
  public func write(to path: String) throws {
    var declarations = host.parts.map { name, rows in
      TensorDeclaration(
        name: "host." + name, type: .f32,
        shape: rows.dimension == 1 ? [rows.count] : [rows.count, rows.dimension])
    }
    var metadata = [
      "engram.training": String(decoding: try CanonicalJSON.encode(options), as: UTF8.self),
      "tokenizer": tokenizer,
    ]
    let tensors = fusion?.tensors() ?? [:]
    if let fusion {
      metadata["fusion"] = String(decoding: try CanonicalJSON.encode(fusion.shape), as: UTF8.self)
      for (name, tensor) in tensors {
        declarations.append(
          TensorDeclaration(name: "fusion." + name, type: .f32, shape: tensor.shape))
      }
    }
    let writer = try SafetensorsWriter(creating: path, tensors: declarations, metadata: metadata)
    for tensor in writer.tensors {
      if let name = tensor.name.split(separator: ".", maxSplits: 1).last.map(String.init),
        tensor.name.hasPrefix("fusion."), let values = tensors[name]?.values
      {
        try writer.append(values, to: tensor.name)
      } else if let part = host.parts.first(where: { "host." + $0.name == tensor.name }) {
        try writer.append(
          UnsafeRawBufferPointer(
            start: part.rows.values, count: part.rows.count * part.rows.dimension * 4),
          to: tensor.name)
      }
    }
    try writer.finish()
  }

  /// The loss on the held-out part of a dataset, or on all of it.
  ///
  /// - Parameter table: the memory's table; `nil` for a host alone, and where the memory is off.
  /// - Parameter heldOut: the part that is predicted; `nil`: all samples.
  /// - Parameter folder: for working files, about 4 bytes a token.
  /// - Throws: `TrainingError.mismatch` where table, tokenizer and model do not belong together.
  public func evaluate(
    _ modes: [MemoryMode], on stream: DatasetTokens, table: Table?, heldOut: HeldOut?,
    limit: Int, threads: Int, folder: String,
    progress: @escaping @Sendable (Int, Int) throws -> Void = { _, _ in }
  ) throws -> [MemoryMode: HeldOutLoss] {
    let found = stream.tokenizer.identity.description
    guard found == tokenizer else {
      throw TrainingError.mismatch(
        what: "the tokenizer", expected: tokenizer.prefix(12) + "...",
        found: found.prefix(12) + "...")
    }
    let held = heldOut ?? HeldOut(share: 1, seed: 0)
    let corpus = try TokenCorpus.make(
      from: stream, heldOut: held, share: held.share, seed: held.seed, in: folder,
      threads: threads, progress: progress)
    guard corpus.heldOut.predictions > 0 else {
      throw TrainingError.nothingHeldOut(
        dataset: stream.dataset.version.title, share: held.share)
    }
    let evaluator = Evaluator(
      host: host, memory: try table.map(memory(of:)), tokenBytes: Self.bytes(of: stream.tokenizer),
      seed: options.seed)
    var losses: [MemoryMode: HeldOutLoss] = [:]
    for mode in modes {
      losses[mode] = try evaluator.loss(
        on: corpus.heldOut, mode: mode, limit: limit, threads: threads, step: progress)
    }
    return losses
  }

  private func memory(of table: Table) throws -> Evaluator.Memory {
    guard let fusion else {
      throw TrainingError.mismatch(
        what: "the memory", expected: "none", found: table.manifest.name)
    }
    let hasher = try table.hasher()
    let inputs = hasher.columns * table.manifest.dimension
    guard inputs == fusion.shape.inputs else {
      throw TrainingError.mismatch(
        what: "the rows of a token in \(table.manifest.name)",
        expected: "\(fusion.shape.inputs) numbers", found: "\(inputs)")
    }
    return Evaluator.Memory(
      hasher: hasher, weights: try fusion.weights(), rowCount: table.manifest.rows,
      reach: fusion.shape.reach
    ) { try table.gather($0, decodedInto: $1) }
  }

  /// How many bytes each token stands for.
  static func bytes(of tokenizer: Tokenizer) -> [Int32] {
    (0..<Int32(tokenizer.vocabularySize)).map { Int32(tokenizer.bytes(of: [$0]).count) }
  }
}

extension FusionShape {
  /// Past tokens that the convolution reaches over.
  var reach: Int { kernel == 0 ? 0 : (kernel - 1) * dilation }
}
