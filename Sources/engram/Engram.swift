import ArgumentParser
import Foundation
import Serving

/// The command. Sub-commands live one a file; none has logic of its own.
@main
struct Engram: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "engram",
    abstract: "External memory and long-context storage for language models.",
    discussion: """
      A store is a folder (--store DIR, else $ENGRAM_STORE, else ~/.local/share/engram).

        engram memory import --from DeepSeek-V4.1-Flash --name deepseek-v4.1
        engram memory lookup deepseek-v4.1/layer1 --text "Alexander the Great" \\
          --tokenizer tokenizer.json
        engram ingest docs --dataset corpus
        engram dataset cat corpus 17
        engram --generate-completion-script bash > ~/.local/share/bash-completion/completions/engram

      Exit codes: 0 done, 1 an error (one line on standard error), 64 wrong usage, 130 stopped \
      by Ctrl-C.
      """,
    version: Release.version,
    subcommands: [
      MemoryCommand.self, IngestCommand.self, DatasetCommand.self, IndexCommand.self,
      QueryCommand.self, ExplainCommand.self, ContextCommand.self, ServeCommand.self,
      GarbageCommand.self, VerifyCommand.self,
      AddressCommand.self, TokenizeCommand.self, FuseCommand.self, BenchCommand.self,
    ])

  static func main() {
    do {
      let arguments = MemoryCountsCommand.verbFirst(Array(CommandLine.arguments.dropFirst()))
      var command = try parseAsRoot(arguments)
      try command.run()
      try StandardStreams.flushOutput()
    } catch is CancellationError {
      StandardStreams.note("engram: stopped; nothing was changed")
      Foundation.exit(130)
    } catch  where exitCode(for: error) == .failure && !(error is ExitCode) {
      StandardStreams.note("engram: \(SingleLine.text("\(error)"))")
      Foundation.exit(1)
    } catch  where exitCode(for: error) == .validationFailure && !(error is ExitCode) {
      StandardStreams.note("engram: \(SingleLine.text(usage(error)))")
      Foundation.exit(exitCode(for: error).rawValue)
    } catch {
      exit(withError: error)
    }
  }

  /// What is wrong with the command line, and where help is: the first and the last of the lines
  /// that the parser would print.
  private static func usage(_ error: any Error) -> String {
    let help = fullMessage(for: error).split(separator: "\n").last ?? ""
    let start = help.firstRange(of: "'engram")?.lowerBound
    let end = help.lastIndex(of: "'")
    var message = message(for: error)
    guard let start, let end, start < end else { return message }
    if message.hasSuffix(".") { message.removeLast() }
    return "\(message); see \(help[start...end])"
  }
}
