import Datasets
import Tokenization

public struct FillInTheMiddle: Sendable {
  public struct Options: Sendable {
    public var rate = 0.0;
    public init(rate: Double, suffixFirstRate: Double, seed: UInt64, markers: [String]?) {}
  }
  init(_ o: Options, tokenizer: Tokenizer) throws {}
  func encode(
    _ utf8: UnsafeBufferPointer<UInt8>, sample: Int, with tokenizer: Tokenizer,
    into ids: inout [Int32]
  ) throws {}
}
enum DependencyOrder { static func order(of d: Dataset) throws -> [Int] { [] } }
