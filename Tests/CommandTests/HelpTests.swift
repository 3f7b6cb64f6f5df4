import ArgumentParser
import Foundation
import Testing

@testable import engram

@Suite struct HelpTests {
  /// Every command, by the words that run it.
  private static let commands: [[String]] = {
    func paths(_ command: any ParsableCommand.Type, _ path: [String]) -> [[String]] {
      [path]
        + command.configuration.subcommands.flatMap {
          paths($0, path + [$0.configuration.commandName ?? ""])
        }
    }
    return paths(Engram.self, [])
  }()

  @Test(arguments: commands)
  func helpExplainsAndHasAnExample(command: [String]) throws {
    let outcome = try expectSuccess(command + ["--help"])
    let parts = outcome.text.components(separatedBy: "USAGE:")
    try #require(parts.count == 2)
    let example = (["engram"] + command).joined(separator: " ")
    #expect(
      parts[0].components(separatedBy: "\n").contains {
        $0.hasPrefix("  ") && $0.contains(example)
      }, "no example of \(example)")
  }

  @Test func theVersionIsPrinted() throws {
    #expect(try expectSuccess(["--version"]).text == Engram.configuration.version + "\n")
  }
}
