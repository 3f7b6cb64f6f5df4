// swift-tools-version: 6.2
import PackageDescription

/// Fuzz targets: one executable for each parser of untrusted bytes. `Tools/fuzz/run` builds and
/// runs them all; a new target needs a line here and a folder of seeds in `corpus/`.
let fuzzer: [SwiftSetting] = [.unsafeFlags(["-sanitize=fuzzer", "-parse-as-library"])]
let linker: [LinkerSetting] = [.unsafeFlags(["-sanitize=fuzzer"])]

let package = Package(
  name: "engram-fuzz",
  dependencies: [.package(name: "engram-store", path: "../..")],
  targets: [
    .target(name: "FuzzDriver", swiftSettings: fuzzer),
    .executableTarget(
      name: "FuzzChunk",
      dependencies: [
        "FuzzDriver", .product(name: "Datasets", package: "engram-store"),
        .product(name: "ChunkStore", package: "engram-store"),
      ],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzConfig",
      dependencies: ["FuzzDriver", .product(name: "MemoryTables", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzContext",
      dependencies: ["FuzzDriver", .product(name: "ContextStore", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzCountRun",
      dependencies: ["FuzzDriver", .product(name: "NgramCounts", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzFolder",
      dependencies: ["FuzzDriver", .product(name: "Safetensors", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzHTTP",
      dependencies: [
        "FuzzDriver", .product(name: "Service", package: "engram-store"),
        .product(name: "ContextStore", package: "engram-store"),
        .product(name: "MemoryTables", package: "engram-store"),
        .product(name: "Datasets", package: "engram-store"),
        .product(name: "Corpora", package: "engram-store"),
        .product(name: "Retrieval", package: "engram-store"),
      ],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzManifestPage",
      dependencies: [
        "FuzzDriver", .product(name: "Datasets", package: "engram-store"),
        .product(name: "ChunkStore", package: "engram-store"),
      ],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzPacked",
      dependencies: ["FuzzDriver", .product(name: "Corpora", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzQuestion",
      dependencies: ["FuzzDriver", .product(name: "Retrieval", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzRun",
      dependencies: ["FuzzDriver", .product(name: "RankingMeasures", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzSafetensors",
      dependencies: ["FuzzDriver", .product(name: "Safetensors", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzSegment",
      dependencies: ["FuzzDriver", .product(name: "Retrieval", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzService",
      dependencies: [
        "FuzzDriver", .product(name: "Service", package: "engram-store"),
        .product(name: "MemoryTables", package: "engram-store"),
      ],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzSubword",
      dependencies: ["FuzzDriver", .product(name: "Tokenization", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzTable",
      dependencies: ["FuzzDriver", .product(name: "MemoryTables", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzTrace",
      dependencies: ["FuzzDriver", .product(name: "ContextReplay", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzTokenizer",
      dependencies: ["FuzzDriver", .product(name: "Tokenization", package: "engram-store")],
      swiftSettings: fuzzer, linkerSettings: linker),
    .target(
      name: "FuzzCorpus", dependencies: [.product(name: "Corpora", package: "engram-store")],
      swiftSettings: fuzzer),
    .executableTarget(
      name: "FuzzNpy", dependencies: ["FuzzDriver", "FuzzCorpus"],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzJSONL", dependencies: ["FuzzDriver", "FuzzCorpus"],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzMDS", dependencies: ["FuzzDriver", "FuzzCorpus"],
      swiftSettings: fuzzer, linkerSettings: linker),
    .executableTarget(
      name: "FuzzTar", dependencies: ["FuzzDriver", "FuzzCorpus"],
      swiftSettings: fuzzer, linkerSettings: linker),
  ],
  swiftLanguageModes: [.v6]
)
