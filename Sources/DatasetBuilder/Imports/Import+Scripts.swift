extension Import {
  /// Ruby's `require_relative 'a'`.
  static func scanRuby(_ text: UnsafeRawBufferPointer, _ file: SourcePath) -> [Import] {
    var lexer = SourceLexer(text, style: .init(slashComments: false, hashComments: true))
    var imports: [Import] = []
    while let token = lexer.next(), imports.count < limit {
      guard lexer.isWord(token, "require_relative"), var target = lexer.next() else { continue }
      if lexer.isSymbol(target, "("), let next = lexer.next() { target = next }
      guard target.kind == .string, let path = file.resolve(lexer.string(of: target)) else {
        continue
      }
      imports.append(Import([.path(path, .ruby)]))
    }
    return imports
  }

  /// PHP's `include`, `require` and their `_once`: the first string of the statement, beside the file
  /// (`__DIR__ . '/a.php'` too) or anywhere by its path.
  static func scanPHP(_ text: UnsafeRawBufferPointer, _ file: SourcePath) -> [Import] {
    var lexer = SourceLexer(
      text, style: .init(hashComments: true, quotes: Array(#""'"#.utf8)))
    var imports: [Import] = []
    while let token = lexer.next(), imports.count < limit {
      guard
        lexer.isWord(token, "include") || lexer.isWord(token, "include_once")
          || lexer.isWord(token, "require") || lexer.isWord(token, "require_once")
      else { continue }
      while let part = lexer.next(), part.kind != .lineEnd, !lexer.isSymbol(part, ";") {
        guard part.kind == .string else { continue }
        let places = places(of: lexer.string(of: part), besides: file)
        if !places.isEmpty { imports.append(Import(places)) }
        break
      }
    }
    return imports
  }
}
