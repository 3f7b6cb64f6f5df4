import Compression
import Files
import Foundation
import Samples

extension CorpusPlan {
  /// Bytes of the parts that a large JSONL file is read in.
  package static let partBytes = 64 << 20

  /// Finds what will be read, and what samples will be.
  ///
  /// Files that are named are read whatever their extension; folders give the files below them
  /// whose format is known, by the bytes of their paths. A name with `*`, `?` or `[` that is no
  /// file is a pattern. `-` is standard input.
  ///
  /// - Parameter partBytes: where to cut large JSONL files.
  /// - Throws: `CorporaError` where a name does not exist, nothing is found or kinds do not fit.
  /// - Complexity: one pass over the folders' lists; of files, only heads are read.
  public static func scan(_ paths: [String], options: CorpusOptions) throws -> CorpusPlan {
    try scan(paths, options: options, partBytes: partBytes)
  }

  package static func scan(
    _ paths: [String], options: CorpusOptions, partBytes: Int
  ) throws -> CorpusPlan {
    var search = SourceSearch(options)
    for path in paths { try search.add(path) }
    var plan = CorpusPlan(
      kind: options.kind ?? .document, units: [], leftOut: search.leftOut, bad: search.bad)
    var kinds = SampleKinds(wanted: options.kind)
    for unit in search.units {
      let found =
        unit.format.isText
        ? ([unit], .document, nil) : try BinaryCorpora.units(for: unit, options: options)
      try kinds.add(unit, found.1, found.2)
      plan.units += found.0.flatMap { LineCounts.parts(of: $0, bytes: partBytes) }
    }
    if plan.units.isEmpty, plan.bad.isEmpty {
      throw CorporaError.nothingFound(paths: paths, leftOut: plan.leftOut)
    }
    plan.kind = kinds.kind
    plan.tokens = kinds.kind == .tokens ? kinds.layout : nil
    return plan
  }
}

/// What the samples of several sources are, which must be one thing.
private struct SampleKinds {
  private let wanted: SampleKind?
  private var first: (path: String, kind: SampleKind)?
  private var layouts: [TokenLayout] = []

  init(wanted: SampleKind?) { self.wanted = wanted }

  var kind: SampleKind { wanted ?? first?.kind ?? .document }

  /// How ids lie; any will do where no source can be read: what is wrong comes out then.
  var layout: TokenLayout { BinaryCorpora.tokens(merging: layouts) ?? TokenLayout(width: 4) }

  mutating func add(_ unit: CorpusUnit, _ kind: SampleKind, _ tokens: TokenLayout?) throws {
    if let wanted, wanted != kind {
      throw CorporaError.wrongKind(path: unit.path, kind: kind, wanted: wanted)
    }
    if let first, first.kind != kind {
      throw CorporaError.mixedKinds(
        path: first.path, kind: first.kind, otherPath: unit.path, otherKind: kind)
    }
    if first == nil { first = (unit.path, kind) }
    if let tokens { layouts.append(tokens) }
  }
}

/// Turns names into units.
private struct SourceSearch {
  private let options: CorpusOptions
  private let rules: SourceRules
  private var hasStandardInput = false
  private(set) var units: [CorpusUnit] = []
  private(set) var leftOut: [String: Int] = [:]
  private(set) var bad: [BadRecord] = []

  init(_ options: CorpusOptions) {
    self.options = options
    rules = SourceRules(options)
  }

  mutating func add(_ path: String) throws {
    if path == "-" { return try addStandardInput() }
    let system = SystemPath(path)
    if (try? system.status(following: false)) == nil {
      let matches = PathPattern.isPattern(path) ? PathGlob(path).matches() : []
      guard !matches.isEmpty else { throw CorporaError.missing(path: path) }
      for match in matches { addPath(match.path, name: match.name) }
      return
    }
    addPath(system, name: String(decoding: system.lastName, as: UTF8.self))
  }

  private mutating func addPath(_ path: SystemPath, name: String) {
    let status: stat
    do throws(FileError) { status = try path.status() } catch {
      return refuse(path, SourceRules.reason(error, path))
    }
    if status.isFolder {
      var walk = FolderWalk(rules)
      walk.walk(path, status)
      for file in walk.files { take(file) }
      leftOut.merge(walk.leftOut, uniquingKeysWith: +)
      bad += walk.bad
      return
    }
    if rules.excludes(name) {
      leftOut["excluded", default: 0] += 1
      return
    }
    let folder = SystemPath(
      String(decoding: path.bytes.dropLast(path.lastName.count), as: UTF8.self))
    let hasSibling = { (sibling: [UInt8]) in (try? folder.appending(sibling).status()) != nil }
    switch rules.look(at: path, name: name, status, isNamed: true, isIncluded: false, hasSibling) {
    case .take(let file): take(file)
    case .leave(let reason): leftOut[reason, default: 0] += 1
    case .bad(let reason): refuse(path, reason)
    case .belongsToAnother: break
    }
  }

  private mutating func refuse(_ path: SystemPath, _ reason: String) {
    bad.append(BadRecord(path: path.text, reason: reason, endsUnit: true))
  }

  private mutating func take(_ file: FoundFile) {
    let isBinary = !file.format.format.isText
    if isBinary, file.path.bytesIfNotText != nil {
      return refuse(file.path, "its path is not UTF-8, which only text may have; rename it")
    }
    var unit = CorpusUnit(
      path: file.path.text, name: file.name, format: file.format.format,
      compression: file.format.compression, size: file.size, modified: file.modified)
    unit.systemPath = file.path.bytesIfNotText
    units.append(unit)
  }

  private mutating func addStandardInput() throws {
    guard !hasStandardInput else { throw CorporaError.standardInputTwice }
    hasStandardInput = true
    let format = options.format ?? (options.kind == .bytes ? .bytes : .text)
    switch format {
    case .mds, .megatron, .npy, .ffrecord: throw CorporaError.noStandardInput(format: format)
    default: units.append(CorpusUnit(path: "-", name: "stdin", format: format))
    }
  }
}

extension CorpusFormat {
  /// Whether samples are documents of text that no archive holds.
  var isText: Bool {
    switch self {
    case .text, .html, .jsonl, .csv, .tsv: true
    case .mds, .webdataset, .ffrecord, .megatron, .npy, .bytes: false
    }
  }
}
