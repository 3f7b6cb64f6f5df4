extension Import {
  /// `#include "a/b.h"`: beside the file, or anywhere by its path; `#include <a/b.h>`: the latter.
  static func scanC(_ text: UnsafeRawBufferPointer, _ file: SourcePath) -> [Import] {
    var lexer = SourceLexer(text, style: .init(quotes: Array(#""'"#.utf8)))
    var imports: [Import] = []
    var startsLine = true
    while let token = lexer.next(), imports.count < limit {
      defer { startsLine = token.kind == .lineEnd }
      guard startsLine, lexer.isSymbol(token, "#"), let word = lexer.next() else { continue }
      guard
        lexer.isWord(word, "include") || lexer.isWord(word, "import")
          || lexer.isWord(word, "include_next"), let target = lexer.next()
      else { continue }
      if target.kind == .string {
        let name = lexer.string(of: target)
        imports.append(Import(places(of: name, besides: file)))
      } else if lexer.isSymbol(target, "<"), let range = lexer.take(upTo: UInt8(ascii: ">")) {
        imports.append(Import(places(of: lexer.string(of: range), besides: nil)))
      }
    }
    return imports
  }

  /// Beside the file, where there is one, then anywhere by the path's components that are no `..`.
  static func places(of name: String, besides file: SourcePath?) -> [Place] {
    let beside = file?.resolve(name).map { Place.path($0) }
    let components = name.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    let kept = components.drop { $0 == ".." || $0 == "." }
    guard name.utf8.count <= 4_096, !kept.isEmpty, !kept.contains("..") else {
      return [beside].compactMap { $0 }
    }
    return [beside, .suffix(kept.joined(separator: "/"))].compactMap { $0 }
  }
}
