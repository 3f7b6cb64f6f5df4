import Files
import Safetensors
import Tokenization

/// What can go wrong with a static embedding model. Each prints as one line.
public enum StaticEmbeddingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file of the model cannot be read.
  case file(FileError)
  /// The model's tensors cannot be read.
  case tensors(SafetensorsError)
  /// The model's tokenizer cannot be read, or refused a text.
  case tokenizer(path: String, TokenizationError)
  /// A file of the model is not what it has to be.
  case badModel(path: String, reason: String)

  /// One line: what is wrong, where, and what to do.
  public var description: String {
    switch self {
    case .file(let error): error.description
    case .tensors(let error): error.description
    case .tokenizer(let path, let error): "\(path): \(error.description)"
    case .badModel(let path, let reason):
      "\(path) is no static embedding model: \(reason)"
    }
  }
}
