extension Import {
  /// `mod a;` and `use crate::a::{b, c}`, `use super::a`, `use self::a`: modules of the same crate.
  static func scanRust(_ text: UnsafeRawBufferPointer, _ file: SourcePath) -> [Import] {
    var scanner = RustScanner(text, file)
    return scanner.imports()
  }
}

private struct RustScanner {
  private var lexer: SourceLexer
  /// Folders of the file's submodules, and of the crate's root modules.
  private let submodules, crate: [String]
  private var found: [Import] = []
  /// How many braces are open: in one, `super` may mean this very file.
  private var depth = 0

  init(_ text: UnsafeRawBufferPointer, _ file: SourcePath) {
    lexer = SourceLexer(text, style: .init(quotes: [UInt8(ascii: "\"")], hasCharacters: true))
    let isRoot = ["mod.rs", "lib.rs", "main.rs"].contains(file.name)
    submodules = isRoot ? file.folders : file.folders + [file.stem]
    let source = file.folders.lastIndex(of: "src")
    crate = source.map { Array(file.folders[...$0]) } ?? file.folders
  }

  mutating func imports() -> [Import] {
    var startsLine = true
    while let token = lexer.next(), found.count < Import.limit {
      var last: SourceLexer.Token? = token
      if startsLine {
        if lexer.isWord(last, "pub") {
          last = lexer.next()
          if lexer.isSymbol(last, "(") {
            while let part = last, part.kind != .lineEnd, !lexer.isSymbol(part, ")") {
              last = lexer.next()
            }
            last = lexer.next()
          }
        }
        if lexer.isWord(last, "mod"), let name = lexer.next() {
          last = lexer.next()
          if name.kind == .word, lexer.isSymbol(last, ";") {
            add(modules: [lexer.string(of: name)], in: submodules, orItself: false)
          }
        } else if lexer.isWord(last, "use") {
          last = readUse()
        }
      }
      if lexer.isSymbol(last, "{") { depth += 1 }
      if lexer.isSymbol(last, "}") { depth -= 1 }
      let ended = last?.kind == .lineEnd || lexer.isSymbol(last, ";") || lexer.isSymbol(last, "{")
      startsLine = ended || lexer.isSymbol(last, "}")
    }
    return found
  }

  /// `use` was read: walks the tree of names to its `;`, which it returns.
  private mutating func readUse() -> SourceLexer.Token? {
    var names: [String] = []
    // Lengths of `names` where the open braces stand.
    var groups: [Int] = []
    var hasLeaf = false
    var skipsName = false
    while let token = lexer.next(), found.count < Import.limit {
      if lexer.isSymbol(token, ";") {
        if hasLeaf { add(use: names) }
        return token
      }
      if lexer.isSymbol(token, "{") {
        guard groups.count < 32 else { return token }
        groups.append(names.count)
        hasLeaf = false
      } else if lexer.isSymbol(token, ",") || lexer.isSymbol(token, "}") {
        if hasLeaf { add(use: names) }
        hasLeaf = false
        guard let group = groups.last else { return token }
        names.removeLast(names.count - group)
        if lexer.isSymbol(token, "}") { groups.removeLast() }
      } else if lexer.isSymbol(token, "*") {
        hasLeaf = true
      } else if lexer.isWord(token, "as") {
        skipsName = true
      } else if token.kind == .word {
        defer { skipsName = false }
        if skipsName { continue }
        guard names.count < 64 else { return token }
        names.append(lexer.string(of: token))
        hasLeaf = true
      }
    }
    return nil
  }

  /// Adds the module of a path of names, of which the last ones may be things in it.
  private mutating func add(use names: [String]) {
    var names = names[...]
    if names.last == "self" && names.count > 1 { names.removeLast() }
    var folders: [String]
    switch names.first {
    case "crate": folders = crate
    case "self": folders = submodules
    case "super" where depth <= 0: folders = submodules
    default: return
    }
    if names.first != "super" { names.removeFirst() }
    while names.first == "super" {
      guard folders.popLast() != nil else { return }
      names.removeFirst()
    }
    add(modules: Array(names), in: folders, orItself: true)
  }

  /// Adds the file of the longest part of `modules` that has one, below `folders`, or that of
  /// `folders` itself.
  private mutating func add(modules: [String], in folders: [String], orItself: Bool) {
    var places: [Import.Place] = []
    // Names are modules, then one or two that are in the module.
    for count in stride(from: modules.count, to: max(0, modules.count - 3), by: -1) {
      places.append(.path((folders + modules.prefix(count)).joined(separator: "/"), .rust))
    }
    if orItself, modules.count < 3 {
      places.append(.path(folders.joined(separator: "/"), .rustCrate))
    }
    found.append(Import(places))
  }
}
