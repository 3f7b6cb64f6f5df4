import ArgumentParser

/// How a command prints data: a table for people, or JSON lines for programs.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json
}

/// The option that every command which prints data has.
struct OutputOptions: ParsableArguments {
  @Option(help: "Print text for people, or JSON for programs.")
  var format: OutputFormat = .text
}
