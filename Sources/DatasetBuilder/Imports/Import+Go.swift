extension Import {
  /// `import "a/b"` and `import ( ... )`: all files of the package's folder.
  static func scanGo(_ text: UnsafeRawBufferPointer, _ file: SourcePath) -> [Import] {
    var lexer = SourceLexer(text)
    var imports: [Import] = []
    var startsLine = true
    while let token = lexer.next(), imports.count < limit {
      guard startsLine, lexer.isWord(token, "import") else {
        startsLine = token.kind == .lineEnd || lexer.isSymbol(token, ";")
        continue
      }
      var isGroup = false
      var last: SourceLexer.Token?
      while true {
        last = lexer.next()
        guard let part = last, imports.count < limit else { break }
        if part.kind == .lineEnd && !isGroup || lexer.isSymbol(part, ")") { break }
        if lexer.isSymbol(part, "(") { isGroup = true }
        if part.kind == .string { imports.append(Import([.goPackage(lexer.string(of: part))])) }
      }
      startsLine = last?.kind == .lineEnd
    }
    return imports
  }
}
