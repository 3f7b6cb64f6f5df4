import Testing

extension Trait where Self == ConditionTrait {
  /// Runs where tests were chosen by a filter, not among all of the package: those that compute for
  /// minutes hold the threads of tasks, and these have deadlines.
  static var inAProcessOfItsOwn: Self {
    .enabled(
      if: CommandLine.arguments.contains("--filter"),
      "run: swift test --filter '^ServiceTests\\.' (Tools/test does)")
  }
}
