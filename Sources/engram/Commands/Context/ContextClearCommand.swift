import ArgumentParser
import ContextStore

/// Forgets blocks.
struct ContextClearCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clear",
    abstract: "Forget everything, a namespace, or all prompts that begin alike.",
    discussion: """
      --prefix-tokens names a file of token ids, a JSON list or numbers between white space: their \
      last whole block is forgotten, and all that continues it. What is forgotten is so when the \
      command returns; pins do not help it. The process that serves must not run.

        engram context clear --all
        engram context clear --namespace 3f9a61
        engram context clear --namespace 3f9a61 --prefix-tokens prompt.json
      """)

  @Option(help: ArgumentHelp("The namespace: its id, or how that begins.", valueName: "id"))
  var namespace: String?

  @Flag(help: "Everything, of all namespaces.")
  var all = false

  @Option(
    help: ArgumentHelp("Only what begins with the token ids in this file.", valueName: "file"))
  var prefixTokens: String?

  @OptionGroup var context: ContextOptions
  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    var cleared: Int
  }

  func validate() throws {
    guard (namespace != nil) != all else {
      throw ValidationError("give either --namespace or --all")
    }
    guard prefixTokens == nil || namespace != nil else {
      throw ValidationError("--prefix-tokens needs --namespace")
    }
  }

  func run() throws {
    let tokens = try prefixTokens.map(TokenFile.read)
    let store = try context.open(.writing)
    defer { store.close() }
    let line = Line(cleared: try clear(store, tokens))
    switch output.format {
    case .json: try JSONLine.print(line)
    case .text: print("forgot \(line.cleared) blocks")
    }
  }

  private func clear(_ store: ContextStore, _ tokens: [Int32]?) throws -> Int {
    guard let namespace else { return try store.clearAll() }
    let space = try store.space(beginning: namespace, of: context.path)
    guard let tokens else { return try space.clear() }
    let blockTokens = space.namespace.layout.blockTokens
    guard tokens.count >= blockTokens else {
      throw CommandError(
        "\(prefixTokens ?? "") has \(tokens.count) tokens, a block has \(blockTokens)",
        hint: "name at least one block, or leave --prefix-tokens away")
    }
    return try space.clear(.tokens(tokens))
  }
}

extension ContextStore {
  /// The namespace whose id begins with `text`.
  fileprivate func space(beginning text: String, of path: String) throws -> ContextSpace {
    let wanted = text.lowercased()
    let counted = spaceStatistics().map(\.id).filter { $0.hasPrefix(wanted) }
    guard let id = counted.first, !wanted.isEmpty else {
      throw CommandError(
        "no namespace \(text) in \(path)", hint: "see engram context list")
    }
    guard counted.count == 1 else {
      throw CommandError(
        "\(counted.count) namespaces begin with \(text)", hint: "give more of the id")
    }
    guard let space = try space(id: id) else {
      throw CommandError(
        "the description of namespace \(id.prefix(12)) was lost",
        hint: "clear --all forgets its blocks, too")
    }
    return space
  }
}
