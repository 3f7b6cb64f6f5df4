import FuzzDriver
import Tokenization

/// Reads the input as a tokenizer.json; where it is one, tokenizes and decodes a text with it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTokenizer(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  guard let tokenizer = try? Tokenizer(json: UnsafeRawBufferPointer(input)) else { return 0 }
  let text = "The quick 123 brown\r\n\r\n  fox's café 中文 <s> jumps\u{1F600}  "
  if let ids = try? tokenizer.encode(text) {
    _ = tokenizer.decode(ids)
    _ = tokenizer.decode(ids, skippingSpecialTokens: true)
  }
  // The file itself is a text too.
  if let ids = try? tokenizer.encode(utf8: input) { _ = tokenizer.decode(ids) }
  return 0
}

/// The program's entry.
@_cdecl("FuzzTokenizer_main")
public func fuzzTokenizerMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzTokenizer)
}
