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

// The package manager makes `<target>_main` the program's entry; libFuzzer's driver takes over.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ argumentCount: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>,
  _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The program's entry.
@_cdecl("FuzzTokenizer_main")
public func fuzzMain(_ argumentCount: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  var argumentCount = argumentCount
  var arguments = arguments
  return runDriver(&argumentCount, &arguments, fuzzTokenizer)
}
