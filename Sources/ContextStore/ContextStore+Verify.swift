import CKernels
import Files
import Foundation

/// What a check of a whole store found.
public struct ContextVerification: Codable, Hashable, Sendable {
  /// Segments that were looked at.
  public var segments = 0
  /// Blocks that were looked at.
  public var blocks = 0
  /// Their bytes.
  public var bytes = 0
  /// One line a thing that is damaged; nothing of it is served.
  public var damaged: [String] = []
}

extension ContextStore {
  /// Reads everything and checks every row against its checksum. Blocks that do not match become misses
  /// where the store was opened for writing.
  ///
  /// - Parameter progress: told the bytes that were looked at and those there are, now and then.
  public func verify(
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) -> ContextVerification {
    var result = ContextVerification()
    let segments = state.withLock { $0.segments.compactMap { $0 } }
    let total = segments.reduce(0) { $0 + $1.usedBytes }
    result.damaged += orphans(besides: Set(segments.map(\.number)))
    if case .damaged? = try? StateFile.read(path) {
      result.damaged.append("\(StateFile.path(path)) is damaged")
    }
    // Opening for reading does not look at what is pinned.
    if let pins = try? DurableFile.read(path + "/pins", limit: 1 << 30), PinTable(pins) == nil {
      result.damaged.append("\(path)/pins is damaged; nothing is pinned any more")
    }
    var done = 0
    for segment in segments {
      result.segments += 1
      check(segment, &result) { progress(done + $0, total) }
      done += segment.usedBytes
      progress(done, total)
    }
    return result
  }

  /// Files of segments that are not served: without a head, or with a damaged list of dead blocks.
  private func orphans(besides known: Set<Int>) -> [String] {
    let names = (try? DurableFile.names(in: segmentsFolder)) ?? []
    return names.sorted().compactMap { name in
      guard name.hasSuffix(".data") || name.hasSuffix(".blocks") || name.hasSuffix(".dead"),
        let number = Int(name.prefix { $0 != "." }), !known.contains(number), !isRemnant(number)
      else { return nil }
      // A segment that was begun since is none of those.
      let isNew = state.withLock { $0.slots[number] != nil }
      return isNew ? nil : "\(segmentsFolder)/\(name) belongs to no segment that can be read"
    }
  }

  private func check(
    _ segment: Segment, _ result: inout ContextVerification, _ progress: (Int) -> Void
  ) {
    let (entries, data) = state.withLock { _ in (segment.entries, segment.mappedData()) }
    guard let data else {
      // It may have been evicted meanwhile.
      let isThere = state.withLock { $0.slots[segment.number] != nil }
      if isThere { result.damaged.append("\(segment.dataPath) is missing, cut, or another's") }
      return
    }
    var done = 0
    for (ordinal, entry) in entries.enumerated() {
      let isLive = state.withLock { _ in
        let isLive = segment.isLive(ordinal)
        // Of a block that was cleared the list's copy of its head is looked at, nothing else.
        if !isLive, segment.isSealed { _ = segment.frame(ordinal) }
        return isLive
      }
      guard isLive else { continue }
      result.blocks += 1
      result.bytes += entry.frameBytes
      done += entry.frameBytes
      if ordinal % 16 == 0 { progress(done) }
      guard let problem = problem(with: ordinal, entry, of: segment, data) else { continue }
      result.damaged.append("\(segment.dataPath) at \(entry.offset): \(problem)")
      reportDamage(of: ordinal, segment: segment, what: problem)
    }
    guard state.withLock({ _ in segment.isSealed }) else { return }
    // A head that the list has no whole copy of was read from the data: nothing is lost, and yet the file
    // is damaged.
    if state.withLock({ _ in segment.isListDamaged }), DurableFile.size(of: segment.listPath) != nil
    {
      result.damaged.append("\(segment.listPath) is damaged; the data's own heads are read instead")
    }
    if DurableFile.size(of: segment.listPath) == nil {
      let isThere = state.withLock { $0.slots[segment.number] != nil }
      if isThere { result.damaged.append("\(segment.listPath) is missing") }
    }
  }

  private func problem(
    with ordinal: Int, _ entry: Segment.Entry, of segment: Segment, _ data: UnsafeRawBufferPointer
  ) -> String? {
    let salt = FrameHeader.salt(of: segment.header, offset: entry.offset)
    guard entry.offset + entry.frameBytes <= data.count,
      let frame = FrameView(data.part(entry.offset..<data.count), salt: salt),
      frame.frameBytes == entry.frameBytes
    else { return "the head of a block" }
    let isListed = state.withLock { _ in
      segment.frame(ordinal).map { equal($0.key, frame.key) } ?? false
    }
    guard isListed else { return "the list's copy of a block's head" }
    let bytes = data.part(entry.offset..<(entry.offset + entry.frameBytes))
    return frame.isWhole(bytes, salt: salt) ? nil : "a row"
  }
}
