extension Import {
  /// `import a.b, c` and `from ..a import b, c`; a name may be a module or something in one.
  static func scanPython(_ text: UnsafeRawBufferPointer, _ file: SourcePath) -> [Import] {
    var scanner = PythonScanner(text, file)
    return scanner.imports()
  }
}

private struct PythonScanner {
  private var lexer: SourceLexer
  private let file: SourcePath
  private var found: [Import] = []

  init(_ text: UnsafeRawBufferPointer, _ file: SourcePath) {
    lexer = SourceLexer(
      text,
      style: .init(
        slashComments: false, hashComments: true, quotes: Array(#""'"#.utf8), tripleQuotes: true))
    self.file = file
  }

  mutating func imports() -> [Import] {
    var startsLine = true
    while let token = lexer.next(), found.count < Import.limit {
      var last: SourceLexer.Token? = token
      if startsLine, lexer.isWord(token, "import") {
        last = readImport()
      } else if startsLine, lexer.isWord(token, "from") {
        last = readFrom()
      }
      startsLine = last?.kind == .lineEnd || lexer.isSymbol(last, ";")
    }
    return found
  }

  /// `import` was read. Returns the token after the statement.
  private mutating func readImport() -> SourceLexer.Token? {
    var token = lexer.next()
    while true {
      let module = dotted(&token)
      guard !module.isEmpty else { return token }
      add(module, level: 0)
      if lexer.isWord(token, "as") {
        _ = lexer.next()
        token = lexer.next()
      }
      guard lexer.isSymbol(token, ",") else { return token }
      token = lexer.next()
    }
  }

  /// `from` was read. Returns the token after the statement.
  private mutating func readFrom() -> SourceLexer.Token? {
    var token = lexer.next()
    var level = 0
    while lexer.isSymbol(token, ".") {
      level += 1
      token = lexer.next()
    }
    let module = dotted(&token)
    guard level > 0 || !module.isEmpty, lexer.isWord(token, "import") else { return token }
    token = lexer.next()
    let parenthesised = lexer.isSymbol(token, "(")
    if parenthesised { token = lexer.next() }
    var isAlias = false
    while let name = token, found.count < Import.limit {
      if name.kind == .lineEnd {
        if !parenthesised { break }
      } else if lexer.isSymbol(name, "*") {
        add(module, level: level)
      } else if lexer.isWord(name, "as") {
        isAlias = true
      } else if name.kind == .word {
        if !isAlias { add(module, name: lexer.string(of: name), level: level) }
        isAlias = false
      } else if !lexer.isSymbol(name, ",") {
        break
      }
      token = lexer.next()
    }
    return token
  }

  /// Names with dots between them, from `token` on, which becomes the token after them.
  private mutating func dotted(_ token: inout SourceLexer.Token?) -> [String] {
    var names: [String] = []
    while let name = token, name.kind == .word, names.count < 32, !lexer.isWord(name, "import") {
      names.append(lexer.string(of: name))
      token = lexer.next()
      guard lexer.isSymbol(token, ".") else { break }
      token = lexer.next()
    }
    return names
  }

  /// Adds a module, and before it what would be a module `name` in it.
  private mutating func add(_ module: [String], name: String? = nil, level: Int) {
    var paths: [[String]] = name.map { [module + [$0]] } ?? []
    paths.append(module)
    // `import a.b.c` may end in something that a module of one file holds.
    if name == nil, level == 0, module.count > 1 { paths.append(Array(module.dropLast())) }
    var places: [Import.Place] = []
    for path in paths {
      let relative = path.joined(separator: "/")
      if level == 0 {
        if !path.isEmpty { places.append(.suffix(relative, .python)) }
      } else if level - 1 <= file.folders.count {
        let folders = Array(file.folders.dropLast(level - 1))
        if path.isEmpty {
          places.append(.path((folders + ["__init__.py"]).joined(separator: "/")))
        } else if let path = SourcePath.resolve(relative, in: folders) {
          places.append(.path(path, .python))
        }
      }
    }
    if !places.isEmpty { found.append(Import(places)) }
  }
}
