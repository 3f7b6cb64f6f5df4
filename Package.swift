// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target of ours: a warning is an error.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// Settings of Swift targets that parse untrusted bytes: unsafe code is marked as such.
let hostile: [SwiftSetting] = strict + [.strictMemorySafety()]

/// Settings of the C kernels: always optimised, debug builds too.
let kernels: [CSetting] = [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])]

let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "engram-store",
  products: [
    .executable(name: "engram", targets: ["engram"]),
    .library(name: "MemoryTables", targets: ["MemoryTables"]),
    .library(name: "Tokenization", targets: ["Tokenization"]),
    .library(name: "Safetensors", targets: ["Safetensors"]),
    .library(name: "ChunkStore", targets: ["ChunkStore"]),
    .library(name: "Datasets", targets: ["Datasets"]),
    .library(name: "NgramCounts", targets: ["NgramCounts"]),
    .library(name: "Corpora", targets: ["Corpora", "Samples"]),
    .library(name: "Retrieval", targets: ["Retrieval"]),
    .library(name: "ContextStore", targets: ["ContextStore"]),
    .library(name: "ContextReplay", targets: ["ContextReplay"]),
    .library(name: "Service", targets: ["Service"]),
    .library(name: "RankingMeasures", targets: ["RankingMeasures"]),
    // The C library. Tools/build-library makes one file of it, libengram.so.
    .library(name: "EngramLibrary", type: .dynamic, targets: ["EngramLibrary"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // System libraries: module maps only.
    .systemLibrary(
      name: "CRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"])]),
    .systemLibrary(
      name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CICU", pkgConfig: "icu-uc", providers: [.apt(["libicu-dev"])]),

    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),
    .systemLibrary(name: "CXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
    .systemLibrary(name: "CLibCSV", providers: [.apt(["libcsv-dev"])]),
    .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),

    // Floor 1
    .target(name: "CKernels", cSettings: kernels),
    .target(name: "CUnicode", dependencies: ["CICU"], cSettings: kernels),
    .target(
      name: "CSortedFiles",
      cxxSettings: [.unsafeFlags(["-O2", "-Wall", "-Wextra", "-Werror"])],
      linkerSettings: [.linkedLibrary("rocksdb"), .linkedLibrary("stdc++")]),
    .target(name: "CPostings", cSettings: kernels),
    .target(
      name: "CVectorGraph", cSettings: kernels,
      cxxSettings: [.unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror"])],
      linkerSettings: [.linkedLibrary("stdc++")]),
    .target(name: "Files", swiftSettings: strict),
    .target(name: "Bitsets", swiftSettings: strict),
    .target(name: "StrictJSON", swiftSettings: hostile),
    .target(name: "SeededRandom", swiftSettings: strict),
    .target(name: "Digests", dependencies: ["COpenSSL"], swiftSettings: strict),
    .target(
      name: "Storage",
      dependencies: ["Files", "Digests", "CKernels", "CRocksDB", "CSortedFiles"],
      swiftSettings: strict),
    .target(
      name: "Tokenization",
      dependencies: ["Files", "Digests", "StrictJSON", "CKernels", "CPCRE2", "CUnicode"],
      swiftSettings: strict),
    .target(
      name: "Safetensors", dependencies: ["Files", "StrictJSON"], swiftSettings: hostile),

    .target(name: "Samples", swiftSettings: hostile),
    .target(
      name: "Compression", dependencies: ["Files", "CLZ4", "CZlib", "CZstd", "CBzip2"],
      swiftSettings: strict),
    .target(name: "SampleOrder", dependencies: ["Digests"], swiftSettings: strict),
    .target(
      name: "Deduplication", dependencies: ["Digests", "CUnicode", "SeededRandom"],
      swiftSettings: strict),
    .target(name: "Plots", dependencies: ["Files", "CCairo"], swiftSettings: strict),

    .target(name: "RankingMeasures", dependencies: ["StrictJSON"], swiftSettings: hostile),

    // Floor 2
    .target(
      name: "Terms", dependencies: ["CUnicode", "CStemmer", "Tokenization"], swiftSettings: strict),
    .target(name: "Questions", swiftSettings: hostile),
    .target(
      name: "StaticEmbeddings",
      dependencies: ["Tokenization", "Safetensors", "StrictJSON", "Files", "Digests"],
      swiftSettings: strict),
    .target(
      name: "Addressing", dependencies: ["Tokenization", "CKernels", "Digests", "Files"],
      swiftSettings: strict),
    .target(
      name: "Fusion", dependencies: ["CKernels", "COpenBLAS", "SeededRandom"],
      swiftSettings: strict),

    // Floor 3
    .target(
      name: "ContextStore",
      dependencies: ["Storage", "StrictJSON", "Files", "Digests", "CKernels"],
      swiftSettings: strict),
    .target(
      name: "MemoryTables",
      dependencies: ["Addressing", "Storage", "Files", "Digests", "CKernels"],
      swiftSettings: strict),

    .target(
      name: "ChunkStore", dependencies: ["Files", "Digests", "CKernels", "CLZ4"],
      swiftSettings: strict),
    .target(
      name: "Corpora",
      dependencies: [
        "Samples", "Compression", "StrictJSON", "Files", "CZlib", "CXML2", "CArchive", "CLibCSV",
      ],
      swiftSettings: strict),

    .target(
      name: "MetadataColumns",
      dependencies: ["Questions", "Bitsets", "StrictJSON", "Storage", "Files"],
      swiftSettings: strict),
    .target(
      name: "VectorIndex",
      dependencies: ["CVectorGraph", "Bitsets", "Safetensors", "Storage", "Files", "CKernels"],
      swiftSettings: strict),
    .target(
      name: "PassageIndex",
      dependencies: [
        "CPostings", "Terms", "Bitsets", "MetadataColumns", "Storage", "Files", "StrictJSON",
      ],
      swiftSettings: strict),

    // Floor 4
    .target(
      name: "ContextReplay", dependencies: ["ContextStore", "StrictJSON", "Files", "Digests"],
      swiftSettings: strict),
    .target(
      name: "Datasets",
      dependencies: [
        "ChunkStore", "Samples", "SampleOrder", "StrictJSON", "Storage", "Files", "Digests",
      ],
      swiftSettings: strict),
    .target(
      name: "Checkpoints", dependencies: ["Safetensors", "Addressing", "Fusion", "MemoryTables"],
      swiftSettings: strict),

    // Floor 5
    .target(
      name: "TokenStreams", dependencies: ["Datasets", "Samples", "Tokenization"],
      swiftSettings: strict),
    .target(name: "KneserNey", dependencies: ["TokenStreams"], swiftSettings: strict),
    .target(
      name: "NgramCounts",
      dependencies: [
        "TokenStreams", "Addressing", "Datasets", "Tokenization", "Storage", "Files", "Digests",
        "StrictJSON", "CKernels",
      ],
      swiftSettings: strict),
    .target(
      name: "MemoryTraining",
      dependencies: [
        "TokenStreams", "Datasets", "Tokenization", "Addressing", "Fusion", "MemoryTables",
        "Safetensors", "SampleOrder", "SeededRandom", "Storage", "Files", "Digests", "CKernels",
      ],
      swiftSettings: strict),
    .target(
      name: "MemoryBuilder",
      dependencies: [
        "Checkpoints", "MemoryTables", "NgramCounts", "Safetensors", "Addressing", "Tokenization",
        "StrictJSON", "Storage", "Files", "Digests", "CKernels",
      ],
      swiftSettings: strict),

    .target(
      name: "DatasetBuilder",
      dependencies: [
        "Datasets", "Corpora", "Deduplication", "Tokenization", "ChunkStore", "Samples", "Storage",
        "Files", "SeededRandom", "StrictJSON",
      ],
      swiftSettings: strict),

    // Floor 6
    .target(
      name: "Retrieval",
      dependencies: [
        "PassageIndex", "VectorIndex", "StaticEmbeddings", "MetadataColumns", "Questions", "Terms",
        "Bitsets", "Datasets", "Samples", "Tokenization", "Storage", "Files", "Digests",
        "StrictJSON",
      ],
      swiftSettings: strict),
    .target(
      name: "MemoryExplanation",
      dependencies: [
        "Retrieval", "MemoryTables", "NgramCounts", "Fusion", "Addressing", "Tokenization",
        "Storage", "Files", "Digests",
      ],
      swiftSettings: strict),

    // Floor 7: what the library and the service share.
    .target(
      name: "Serving",
      dependencies: [
        "MemoryExplanation", "Retrieval", "PassageIndex", "VectorIndex", "MetadataColumns", "Terms",
        "Questions", "NgramCounts", "Datasets", "ChunkStore", "SampleOrder", "MemoryTables",
        "Fusion", "Addressing", "Tokenization", "Storage", "Files", "ContextStore",
      ],
      swiftSettings: strict),

    // Floor 8: the two doors for other programs.
    .target(name: "CEngram", cSettings: kernels),
    .target(
      name: "EngramLibrary",
      dependencies: [
        "CEngram", "Serving", "Fusion", "Retrieval", "Datasets", "SampleOrder", "MemoryTables",
        "Addressing", "Tokenization", "Storage", "Files", "ContextStore", "StrictJSON",
      ],
      exclude: ["exports.map"],
      swiftSettings: strict,
      linkerSettings: [
        .unsafeFlags([
          "-Xlinker", "-soname=libengram.so.1",
          "-Xlinker", "--version-script=Sources/EngramLibrary/exports.map",
          "-Xlinker", "--as-needed",
        ])
      ]),
    .target(
      name: "Service",
      dependencies: [
        "Serving", "ContextStore", "MemoryExplanation", "MemoryTraining", "NgramCounts",
        "Retrieval", "Questions", "Datasets", "Samples", "SampleOrder", "MemoryTables",
        "Addressing", "Tokenization", "Storage", "Files", "Digests",
        .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      swiftSettings: strict),

    // Floor 9
    .executableTarget(
      name: "engram",
      dependencies: [
        "Service", .product(name: "Logging", package: "swift-log"),
        "Serving", "MemoryBuilder", "MemoryTraining", "NgramCounts", "KneserNey", "TokenStreams",
        "Retrieval", "MemoryExplanation", "RankingMeasures", "MemoryTables", "DatasetBuilder",
        "ContextStore", "ContextReplay", "Datasets", "ChunkStore", "Corpora",
        "SampleOrder", "Samples", "Plots", "Checkpoints",
        "Fusion", "Addressing", "Tokenization",
        "Safetensors", "Storage", "Files", "SeededRandom", "CBenchPeers", arguments,
      ],
      swiftSettings: strict),

    // What benchmarks compare with: the plain loops, in C.
    .target(name: "CBenchPeers", cSettings: kernels),

    // Small checkpoints of known bytes, for several test targets.
    .target(
      name: "TestCheckpoints", dependencies: ["Safetensors", "Files", "SeededRandom"],
      path: "Tests/TestCheckpoints", swiftSettings: strict),

    // A small store with one of everything, for the tests of what serves it.
    .target(
      name: "TestStores",
      dependencies: [
        "Retrieval", "Datasets", "Samples", "MemoryTables", "Addressing", "Storage", "Files",
        "SeededRandom", "TestCheckpoints",
      ],
      path: "Tests/TestStores", swiftSettings: strict),

    // Tests, one target a target.
    .testTarget(
      name: "ContextStoreTests",
      dependencies: ["ContextStore", "Files", "SeededRandom", "CKernels"], swiftSettings: strict),
    .testTarget(name: "FilesTests", dependencies: ["Files"], swiftSettings: strict),
    .testTarget(name: "DigestsTests", dependencies: ["Digests"], swiftSettings: strict),
    .testTarget(name: "SeededRandomTests", dependencies: ["SeededRandom"], swiftSettings: strict),
    .testTarget(
      name: "StrictJSONTests", dependencies: ["StrictJSON", "SeededRandom"], swiftSettings: strict),
    .testTarget(name: "SamplesTests", dependencies: ["Samples"], swiftSettings: strict),
    .testTarget(
      name: "CompressionTests", dependencies: ["Compression", "SeededRandom", "TestCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "SampleOrderTests", dependencies: ["SampleOrder", "SeededRandom"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "DeduplicationTests", dependencies: ["Deduplication", "Digests", "SeededRandom"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "PlotsTests", dependencies: ["Plots", "CCairo", "SeededRandom", "TestCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "ChunkStoreTests", dependencies: ["ChunkStore", "SeededRandom", "TestCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "CorporaTests", dependencies: ["Corpora", "SeededRandom", "TestCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "SeededRandom", "TestCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "DatasetBuilderTests",
      dependencies: [
        "DatasetBuilder", "Datasets", "Tokenization", "Samples", "SeededRandom", "TestCheckpoints",
      ],
      swiftSettings: strict),
    .testTarget(name: "StorageTests", dependencies: ["Storage"], swiftSettings: strict),
    .testTarget(
      name: "TokenizationTests", dependencies: ["Tokenization", "SeededRandom"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "SafetensorsTests", dependencies: ["Safetensors", "SeededRandom"],
      swiftSettings: strict),
    .testTarget(
      name: "AddressingTests",
      dependencies: ["Addressing", "Tokenization", "CKernels", "Files", "Digests", "SeededRandom"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "FusionTests", dependencies: ["Fusion", "Safetensors", "SeededRandom"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "MemoryTablesTests", dependencies: ["MemoryTables", "CKernels", "SeededRandom"],
      swiftSettings: strict),
    .testTarget(
      name: "ContextReplayTests",
      dependencies: ["ContextReplay", "ContextStore", "SeededRandom", "TestCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "CheckpointsTests", dependencies: ["Checkpoints", "TestCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "TokenStreamsTests",
      dependencies: ["TokenStreams", "Datasets", "Samples", "Tokenization", "TestCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "KneserNeyTests", dependencies: ["KneserNey", "TokenStreams", "SeededRandom"],
      swiftSettings: strict),
    .testTarget(
      name: "NgramCountsTests",
      dependencies: [
        "NgramCounts", "TokenStreams", "Datasets", "Samples", "Tokenization", "Addressing",
        "SeededRandom", "TestCheckpoints",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MemoryTrainingTests",
      dependencies: [
        "MemoryTraining", "TokenStreams", "Datasets", "Samples", "Tokenization", "Addressing",
        "Fusion", "MemoryTables", "Safetensors", "SeededRandom", "TestCheckpoints",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MemoryBuilderTests",
      dependencies: [
        "MemoryBuilder", "MemoryTables", "Fusion", "Safetensors", "Storage", "Files", "Digests",
        "SeededRandom", "TestCheckpoints",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "BitsetsTests", dependencies: ["Bitsets", "SeededRandom"], swiftSettings: strict),
    .testTarget(
      name: "TermsTests", dependencies: ["Terms", "CUnicode", "SeededRandom"],
      swiftSettings: strict),
    .testTarget(
      name: "QuestionsTests", dependencies: ["Questions", "SeededRandom"], swiftSettings: strict),
    .testTarget(
      name: "RankingMeasuresTests", dependencies: ["RankingMeasures", "SeededRandom"],
      swiftSettings: strict),
    .testTarget(
      name: "StaticEmbeddingsTests",
      dependencies: ["StaticEmbeddings", "Safetensors", "SeededRandom", "TestCheckpoints"],
      resources: [.copy("Golden")], swiftSettings: strict),
    .testTarget(
      name: "MetadataColumnsTests",
      dependencies: ["MetadataColumns", "Questions", "SeededRandom", "TestCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "VectorIndexTests",
      dependencies: [
        "VectorIndex", "CVectorGraph", "Bitsets", "Safetensors", "Storage", "Files",
        "SeededRandom", "TestCheckpoints",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "PassageIndexTests",
      dependencies: ["PassageIndex", "CPostings", "Terms", "SeededRandom", "TestCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "RetrievalTests",
      dependencies: ["Retrieval", "Datasets", "Samples", "SeededRandom", "TestCheckpoints"],
      swiftSettings: strict),
    .testTarget(
      name: "MemoryExplanationTests",
      dependencies: [
        "MemoryExplanation", "Retrieval", "MemoryTables", "NgramCounts", "Fusion", "Addressing",
        "Tokenization", "Datasets", "Samples", "SeededRandom", "TestCheckpoints",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ServingTests",
      dependencies: [
        "Serving", "MemoryTables", "Addressing", "Datasets", "Samples", "Retrieval", "SeededRandom",
        "TestStores",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EngramLibraryTests",
      dependencies: [
        "EngramLibrary", "CEngram", "Fusion", "MemoryTables", "Addressing", "Datasets", "Samples",
        "SampleOrder", "SeededRandom", "TestStores",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ServiceTests",
      dependencies: [
        "engram", "Service", "Serving", "MemoryTables", "Datasets", "Samples", "SampleOrder",
        "Retrieval", "Storage", "Files", "SeededRandom", "TestCheckpoints", "TestStores",
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "engram", "Addressing", "ContextStore", "Datasets", "Samples", "SampleOrder",
        "SeededRandom", "TestCheckpoints",
      ],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17,
  cxxLanguageStandard: .cxx17
)
