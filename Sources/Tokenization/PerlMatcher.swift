import CPCRE2

/// A pattern compiled by PCRE2, with its just-in-time compiler where that works: the general
/// engine, and the reference of the fast one.
final class PerlMatcher: Sendable {
  /// The pattern as the tokenizer writes it, for messages.
  let source: String

  // Compiled once in `init`, then only read: PCRE2 documents code blocks as safe to share.
  private nonisolated(unsafe) let code: OpaquePointer

  init(_ pattern: Pattern, source: String) throws(TokenizationError) {
    self.source = source
    let text = Array(pattern.perlText.utf8)
    var number: Int32 = 0
    var offset = 0
    let context = pcre2_compile_context_create_8(nil)
    defer { pcre2_compile_context_free_8(context) }
    pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
    // The text is never longer than the pattern allows; the limit keeps hostile files cheap.
    pcre2_set_parens_nest_limit_8(context, 250)
    guard
      let code = pcre2_compile_8(
        text, text.count, PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NO_AUTO_CAPTURE,
        &number, &offset, context)
    else { throw .pattern(source, reason: PerlMatcher.message(number)) }
    self.code = code
    // Where this fails (no executable memory), the interpreter runs instead.
    _ = pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
  }

  deinit { pcre2_code_free_8(code) }

  /// What one thread needs to match: result and stack. Not for two threads at a time.
  final class Scratch {
    fileprivate let data: OpaquePointer
    fileprivate let context: OpaquePointer
    private let stack: OpaquePointer?

    init() {
      guard let data = pcre2_match_data_create_8(1, nil),
        let context = pcre2_match_context_create_8(nil)
      else { fatalError("out of memory") }
      self.data = data
      self.context = context
      stack = pcre2_jit_stack_create_8(32 << 10, 8 << 20, nil)
      pcre2_jit_stack_assign_8(context, nil, stack.map(UnsafeMutableRawPointer.init))
      pcre2_set_match_limit_8(context, 50_000_000)
      pcre2_set_heap_limit_8(context, 256 << 10)
    }

    deinit {
      pcre2_match_context_free_8(context)
      pcre2_match_data_free_8(data)
      if let stack { pcre2_jit_stack_free_8(stack) }
    }
  }

  /// The first match that begins at or after `start` in a text of `count` bytes.
  ///
  /// - Throws: `TokenizationError.matchFailed` where PCRE2's limits are reached.
  func firstMatch(
    _ base: UnsafePointer<UInt8>, count: Int, from start: Int, _ scratch: Scratch
  ) throws(TokenizationError) -> Range<Int>? {
    // The text was checked to be UTF-8 before it came here.
    var status = pcre2_match_8(
      code, base, count, start, PCRE2_NO_UTF_CHECK, scratch.data, scratch.context)
    if status == PCRE2_ERROR_JIT_STACKLIMIT {
      status = pcre2_match_8(
        code, base, count, start, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, scratch.data,
        scratch.context)
    }
    if status == PCRE2_ERROR_NOMATCH { return nil }
    guard status >= 0, let bounds = pcre2_get_ovector_pointer_8(scratch.data) else {
      throw .matchFailed(pattern: source, reason: PerlMatcher.message(status))
    }
    return bounds[0]..<max(bounds[0], bounds[1])
  }

  private static func message(_ number: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = pcre2_get_error_message_8(number, &buffer, buffer.count)
    return count < 0
      ? "error \(number)" : String(decoding: buffer.prefix(Int(count)), as: UTF8.self)
  }
}
