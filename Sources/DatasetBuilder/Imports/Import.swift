/// What a file imports: places where the imported file may be, the likeliest first.
public struct Import: Hashable, Sendable {
  /// A place where an imported file may be.
  enum Place: Hashable, Sendable {
    /// The file of this path, with one of the endings.
    case path(String, Ending = .none)
    /// The nearest file of the repository whose path ends in these components and one of the endings.
    case suffix(String, Ending = .none)
    /// The Go files of the folder that this import path ends in.
    case goPackage(String)
  }

  /// What may follow a path, the likeliest first.
  enum Ending: Hashable, Sendable {
    case none, python, javaScript, typeScript, jvm, ruby, rust, rustCrate

    var all: [String] {
      switch self {
      case .none: [""]
      case .python: [".py", "/__init__.py"]
      case .javaScript: Self.scripts
      case .typeScript: [".ts", ".tsx", ".mts", ".cts"]
      case .jvm: [".java", ".kt", ".scala", ".groovy"]
      case .ruby: [".rb", ""]
      case .rust: [".rs", "/mod.rs"]
      case .rustCrate: [".rs", "/mod.rs", "/lib.rs", "/main.rs"]
      }
    }

    private static let scripts: [String] = {
      let endings = [
        ".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte",
        ".json",
      ]
      return [""] + endings + endings.map { "/index" + $0 }
    }()
  }

  /// The first one that is there is meant.
  var places: [Place]

  init(_ places: [Place]) { self.places = places }

  /// The imports of a file, found in one pass over its text: none for languages that are not known.
  ///
  /// C and C++ (`#include`), Python, JavaScript and TypeScript (relative), Java, Kotlin and Scala,
  /// Go, Rust (`mod`, `use` within the crate), Ruby (`require_relative`) and PHP. A pure function.
  ///
  /// - Parameter path: the file's, with `/` between its components; its extension names the language.
  /// - Parameter text: any bytes.
  public static func all(of text: UnsafeRawBufferPointer, path: String) -> [Import] {
    guard let file = SourcePath(path), let scan = scanner(for: file.pathExtension) else {
      return []
    }
    var imports = scan(text, file)
    if imports.count > limit { imports.removeLast(imports.count - limit) }
    return imports
  }

  /// Imports of one file that are looked at; more are no source code of a person's.
  static let limit = 1_024

  private static func scanner(
    for pathExtension: String
  ) -> ((UnsafeRawBufferPointer, SourcePath) -> [Import])? {
    switch pathExtension {
    case "c", "h", "cc", "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "inl", "ipp", "m", "mm",
      "cu", "cuh":
      scanC
    case "py", "pyi": scanPython
    case "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte": scanJavaScript
    case "java", "kt", "kts", "scala", "sc", "groovy": scanJVM
    case "go": scanGo
    case "rs": scanRust
    case "rb", "rake": scanRuby
    case "php", "inc", "phtml": scanPHP
    default: nil
    }
  }
}
