import ArgumentParser

/// Exact tables of vectors that any model computes.
struct MemoryGraftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graft",
    abstract: "List frequent N-grams, and make an exact table of vectors computed for them.",
    discussion: """
      Between the two commands any model computes one vector for each N-gram; Tools/graft does it \
      for a Hugging Face model folder.

        engram memory graft list counts --min-count 20 --top 100000 --orders 2-3 \\
          --tokenizer tokenizer.json --to ngrams.jsonl
        Tools/graft MODEL_FOLDER ngrams.jsonl --layer 6 --to vectors.safetensors
        engram memory graft load vectors.safetensors --ngrams ngrams.jsonl --as grafted
        engram memory lookup grafted --text "Alexander the Great" --tokenizer tokenizer.json
      """,
    subcommands: [MemoryGraftListCommand.self, MemoryGraftLoadCommand.self])
}
