import ArgumentParser
import Foundation
import Storage

/// The option that names the store.
struct StoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The store's folder (default: $ENGRAM_STORE, else ~/.local/share/engram).",
      valueName: "folder"))
  var store: String?

  var path: String {
    if let store { return store }
    let environment = ProcessInfo.processInfo.environment
    if let path = environment["ENGRAM_STORE"], !path.isEmpty { return path }
    return (environment["HOME"] ?? ".") + "/.local/share/engram"
  }

  func open(_ mode: Store.Mode) throws -> Store { try Store(path: path, mode: mode) }
}
