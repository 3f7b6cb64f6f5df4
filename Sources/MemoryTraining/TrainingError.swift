/// What can go wrong when a memory is trained or evaluated. Each prints as one line.
public enum TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// An option that makes no sense.
  case badOption(String)
  /// The corpus has fewer tokens to predict than one batch.
  case corpusTooShort(dataset: String, tokens: Int, batch: Int)
  /// The held-out part has nothing to predict.
  case nothingHeldOut(dataset: String, share: Double)
  /// The tokenizer has more ids than the addressing takes.
  case vocabulary(tokenizer: Int, addressing: Int)
  /// The loss left all bounds.
  case diverged(tokens: Int, loss: Double, rate: Float, checkpoint: String?)
  /// A training folder that another run's files are in.
  case foreignFolder(path: String, difference: String)
  /// A training folder that has files, and nobody said to go on.
  case unfinishedRun(path: String)
  /// No checkpoint to go on from.
  case noCheckpoint(path: String)
  /// A file of a training run is not what was written.
  case corruptFile(path: String, reason: String)
  /// Another process trains in the folder.
  case busy(path: String)
  /// The disk cannot hold the working files.
  case diskFull(path: String, needed: Int, free: Int)
  /// A model file that does not fit the table or the tokenizer.
  case mismatch(what: String, expected: String, found: String)
  /// A table without a model beside it.
  case noModel(table: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .badOption(let text): text
    case .corpusTooShort(let dataset, let tokens, let batch):
      "\(dataset) has \(tokens) tokens to learn from, fewer than one batch of \(batch); give a "
        + "larger dataset or a smaller --batch"
    case .nothingHeldOut(let dataset, let share):
      "a share of \(share) of \(dataset) holds nothing out; give a larger --held-out"
    case .vocabulary(let tokenizer, let addressing):
      "the tokenizer has \(tokenizer) ids, the addressing takes \(addressing); give the "
        + "addressing of this tokenizer, or --vocabulary \(tokenizer)"
    case .diverged(let tokens, let loss, let rate, let checkpoint):
      "training diverged after \(tokens) tokens: the loss is \(loss) at rate \(rate); "
        + (checkpoint.map { "the last good checkpoint is kept in \($0); " } ?? "")
        + "begin again with a smaller --rate"
    case .foreignFolder(let path, let difference):
      "\(path) is of another run: \(difference); name another --work folder, or remove it"
    case .unfinishedRun(let path):
      "\(path) holds an unfinished run; go on with it by --resume, or remove it"
    case .noCheckpoint(let path):
      "\(path) has no checkpoint to go on from; begin without --resume"
    case .corruptFile(let path, let reason):
      "\(path) is corrupt: \(reason); remove it and go on from an older checkpoint, or begin anew"
    case .busy(let path):
      "another process trains in \(path); wait for it, or name another --work folder"
    case .diskFull(let path, let needed, let free):
      "\(path) has \(free / 1_000_000) MB free, training needs \(needed / 1_000_000) MB; free some "
        + "space, name another --work folder or give a smaller --base"
    case .mismatch(let what, let expected, let found):
      "\(what) is \(found), the model was trained with \(expected); give what it was trained with"
    case .noModel(let table):
      "\(table) has no trained model beside it; give its file with --model"
    }
  }
}
