extension Import {
  /// `import a.b.C`, `import static a.b.C.m`, `import a.b.{C, D}`: the file of the class, or of the
  /// class that it is a member of. Whole packages (`a.b.*`) name no file.
  static func scanJVM(_ text: UnsafeRawBufferPointer, _ file: SourcePath) -> [Import] {
    var lexer = SourceLexer(text, style: .init(quotes: Array(#""'"#.utf8), tripleQuotes: true))
    var imports: [Import] = []
    var startsLine = true
    while let token = lexer.next(), imports.count < limit {
      guard startsLine, lexer.isWord(token, "import") else {
        startsLine = token.kind == .lineEnd || lexer.isSymbol(token, ";")
        continue
      }
      var names: [String] = []
      var isGroup = false
      var isWhole = false
      var skipsName = false
      var last: SourceLexer.Token?
      while true {
        last = lexer.next()
        guard let part = last, names.count < 32, imports.count < limit else { break }
        if part.kind == .lineEnd && !isGroup || lexer.isSymbol(part, ";") { break }
        if lexer.isSymbol(part, "{") {
          isGroup = true
        } else if lexer.isSymbol(part, "}") {
          break
        } else if lexer.isSymbol(part, "*") || lexer.isWord(part, "_") {
          isWhole = true
        } else if lexer.isWord(part, "as") || lexer.isSymbol(part, ">") {
          // A new name follows: `C as D`, `C => D`.
          skipsName = true
        } else if part.kind == .word, !lexer.isWord(part, "static") {
          defer { skipsName = false }
          if skipsName { continue }
          let name = lexer.string(of: part)
          if isGroup {
            imports.append(Import(jvmPlaces(of: names + [name])))
          } else {
            names.append(name)
          }
        }
      }
      if !isGroup, !names.isEmpty {
        // `a.b.C.*` imports what the class C holds.
        let places = jvmPlaces(of: names)
        imports.append(Import(isWhole ? Array(places.prefix(1)) : places))
      }
      startsLine = last?.kind == .lineEnd || lexer.isSymbol(last, ";")
    }
    return imports
  }

  /// The class of the last name, or the one that it is a member of.
  private static func jvmPlaces(of names: [String]) -> [Place] {
    // A member's class by its name alone would be found anywhere.
    let counts = names.count > 2 ? [names.count, names.count - 1] : [names.count]
    return counts.map { .suffix(names.prefix($0).joined(separator: "/"), .jvm) }
  }
}
