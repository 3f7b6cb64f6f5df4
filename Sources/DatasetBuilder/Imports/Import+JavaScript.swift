extension Import {
  /// `import ... from './a'`, `export ... from './a'`, `import './a'`, `import('./a')` and
  /// `require('./a')`; what is no relative path is a package of elsewhere.
  static func scanJavaScript(_ text: UnsafeRawBufferPointer, _ file: SourcePath) -> [Import] {
    var lexer = SourceLexer(text)
    var imports: [Import] = []
    // Does what was read before expect a module's name, and may a parenthesis stand before it?
    var expects = false
    var allowsParenthesis = false
    while let token = lexer.next(), imports.count < limit {
      switch token.kind {
      case .string:
        if expects {
          let places = javaScriptPlaces(of: lexer.string(of: token), from: file)
          if !places.isEmpty { imports.append(Import(places)) }
        }
        expects = false
      case .word:
        allowsParenthesis = lexer.isWord(token, "import") || lexer.isWord(token, "require")
        expects = allowsParenthesis || lexer.isWord(token, "from")
      case .symbol:
        expects = expects && allowsParenthesis && lexer.isSymbol(token, "(")
        allowsParenthesis = false
      case .lineEnd: break
      }
    }
    return imports
  }

  private static func javaScriptPlaces(of name: String, from file: SourcePath) -> [Place] {
    guard name == "." || name == ".." || name.hasPrefix("./") || name.hasPrefix("../"),
      let path = file.resolve(name)
    else { return [] }
    // TypeScript names its modules as they will be called once compiled.
    let compiled = [".js", ".jsx", ".mjs", ".cjs"].first { path.hasSuffix($0) }
    let source = compiled.map { Place.path(String(path.dropLast($0.count)), .typeScript) }
    return [.path(path, .javaScript)] + [source].compactMap { $0 }
  }
}
