import FuzzDriver
import Tokenization

/// Reads the input as the tokenizer.json of an embedding model, Unigram or WordPiece; where it is one,
/// tokenizes texts with it. No id is beyond the vocabulary.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSubword(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = UnsafeBufferPointer(start: start, count: count)
  do throws(TokenizationError) {
    let tokenizer = try SubwordTokenizer(json: UnsafeRawBufferPointer(input))
    for text in texts { check(try tokenizer.encode(text), tokenizer) }
    // The file itself is a text too.
    check(try tokenizer.encode(utf8: input), tokenizer)
  } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
  }
  return 0
}

private let texts = [
  "The quick 123 brown\r\n\r\n  fox's café 中文 <s> jumps\u{1F600}  ", "", "aaaaaaaaaaaaaaab",
  "e\u{301}\u{FB01}\u{FDFA} ½",
]

private func check(_ ids: [Int32], _ tokenizer: SubwordTokenizer) {
  for id in ids {
    precondition(id >= 0 && id < tokenizer.vocabularySize, "id \(id) is beyond the vocabulary")
  }
}

/// The program's entry.
@_cdecl("FuzzSubword_main")
public func fuzzSubwordMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzSubword)
}
