import ArgumentParser
import ContextStore

/// The options that name a context store.
struct ContextOptions: ParsableArguments {
  @OptionGroup var store: StoreOptions

  @Option(
    help: ArgumentHelp(
      "The context store's folder (default: context in the store's folder).", valueName: "folder"))
  var context: String?

  func validate() throws {
    guard context == nil || store.store == nil else {
      throw ValidationError("give either --store or --context")
    }
  }

  var path: String { context ?? store.path + "/context" }

  /// Opens the store; `log` is told of what opening finds damaged.
  func open(
    _ mode: ContextStore.Mode, log: (@Sendable (String) -> Void)? = nil
  ) throws -> ContextStore {
    // Where there is no store, none is made.
    if mode == .writing { _ = try ContextStore(path: path, mode: .reading, options: .quiet) }
    var options = ContextStore.Options()
    if let log { options.log = log }
    return try ContextStore(path: path, mode: mode, options: options)
  }
}

extension ContextStore.Options {
  /// Says nothing of what is damaged.
  static var quiet: Self { Self(log: { _ in }) }
}
