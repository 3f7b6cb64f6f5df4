import Samples

/// The samples of a tar as WebDataset makes them: members of one key, one after another.
final class WebDatasetSource: RecordSource {
  private let unit: CorpusUnit
  private let options: CorpusOptions
  private let kind: SampleKind
  private let tokens: TokenLayout
  private let bytes: ForwardBytes
  private let tar: TarArchive
  /// The member that belongs to the next sample, its head already read.
  private var ahead: TarArchive.Member?
  private var records: Int
  private var leftOut: [String: Int] = [:]

  /// Members that are neither text nor JSON nor arrays, and larger, are left out unread.
  static let smallBytes = 1 << 20

  init(
    _ unit: CorpusUnit, from position: CorpusPosition, options: CorpusOptions, kind: SampleKind,
    tokens: TokenLayout?
  ) throws {
    self.unit = unit
    self.options = options
    self.kind = kind
    self.tokens = tokens ?? TokenLayout(width: 4)
    bytes = try ForwardBytes(unit)
    let isSought = bytes.file != nil && position.offset > 0
    tar = try TarArchive(bytes, at: isSought ? position.offset : 0)
    records = isSought ? position.records : 0
    try advance()
    var dropped: [UInt8] = []
    while records < position.records, ahead != nil {
      dropped.removeAll(keepingCapacity: true)
      if case .end = try next(to: &dropped) { break }
    }
    leftOut = [:]
  }

  var position: CorpusPosition {
    CorpusPosition(records: records, offset: ahead?.offset ?? bytes.position)
  }
  var number: Int { records + 1 }
  var isUnchanged: Bool { bytes.isUnchanged }

  func takeLeftOut() -> [String: Int] {
    defer { leftOut = [:] }
    return leftOut
  }

  func next(to target: inout [UInt8]) throws -> RecordOutcome {
    while ahead?.type == .folder { try advance() }
    guard let first = ahead else { return .end }
    if first.type == .link || first.type == .other { return try skip(first) }
    let name: TarName
    do { name = try TarName(first.name) } catch { return try skip(first, error.reason) }
    if kind == .bytes { return try appendMember(first, to: &target) }
    var group = WebDatasetGroup(key: name.key)
    try gather(&group)
    records += 1
    if let fault = group.fault { return .bad(reason: fault.reason, member: fault.member) }
    return kind == .tokens
      ? group.appendTokens(tokens, options, to: &target)
      : group.appendDocument(options, leftOut: &leftOut, to: &target)
  }

  private func advance() throws { ahead = try tar.next() }

  private func skip(_ member: TarArchive.Member, _ reason: String? = nil) throws -> RecordOutcome {
    records += 1
    try advance()
    return .bad(
      reason: reason ?? "it is a link or a device; only regular files are read",
      member: oneLine(member.name))
  }

  private func appendMember(
    _ member: TarArchive.Member, to target: inout [UInt8]
  ) throws -> RecordOutcome {
    records += 1
    guard member.size <= options.recordLimit else {
      try advance()
      return .bad(
        reason: "it is over the limit of \(options.recordLimit) bytes a record",
        member: oneLine(member.name))
    }
    try tar.readData(of: member, to: &target)
    try advance()
    return .sample
  }

  /// Reads the members of the group's key. Memory is bounded by the limit of a record.
  private func gather(_ group: inout WebDatasetGroup) throws {
    while let member = ahead, member.type == .file, let name = try? TarName(member.name),
      name.key == group.key
    {
      let isMain = name.isJSON || name.isArray || name.textRank(options.textField) != nil
      if !isMain && member.size > Self.smallBytes {
        leftOut["member .\(oneLine(name.suffix.utf8)) over 1 MiB", default: 0] += 1
      } else if group.fault != nil {
        // Nothing comes of it: its data is skipped.
      } else if member.size > options.recordLimit - group.bytes || group.parts.count >= 1000 {
        group.fail(
          "the sample is over the limit of \(options.recordLimit) bytes or 1,000 members",
          oneLine(member.name))
      } else {
        var data: [UInt8] = []
        try tar.readData(of: member, to: &data)
        group.add(WebDatasetGroup.Part(name: name, data: data))
      }
      try advance()
    }
  }
}

extension WebDatasetSource {
  /// How the ids of a tar's first sample lie, where it has an array and no text.
  static func tokenLayout(of unit: CorpusUnit, _ options: CorpusOptions) throws -> TokenLayout? {
    let bytes = try ForwardBytes(unit)
    let tar = try TarArchive(bytes, at: 0)
    var key: [UInt8]?
    var layout: TokenLayout?
    for _ in 0..<100 {
      guard let member = try tar.next() else { break }
      guard member.type == .file, let name = try? TarName(member.name) else { continue }
      guard name.key == key ?? name.key else { break }
      key = name.key
      if name.textRank(options.textField) != nil { return nil }
      if name.suffix == "starts.json" { layout?.hasBoundaries = true }
      guard name.isArray, layout == nil, member.size <= options.recordLimit else { continue }
      var data: [UInt8] = []
      try tar.readData(of: member, to: &data)
      layout = TokenLayout(width: try NpyMember(data).type.idWidth)
    }
    return layout
  }
}
