import Files
import Foundation

extension ContextStore {
  /// Reads which segments there are. What a crash left of a segment that was written is checked, cut to
  /// what is whole, and sealed; a reader leaves it as it is.
  ///
  /// - Parameters:
  ///   - writing: numbers of the segments that were being written.
  ///   - cleared: salts of the segments that have a list of dead blocks.
  func load(
    recency: (tick: UInt64, uses: [UInt64: Segment.Use]), writing: [UInt64], cleared: Set<UInt64>
  ) throws {
    state.withLock { $0.tick = max($0.tick, recency.tick + 1) }
    var last: UInt64 = 0
    let numbers = try segmentNumbers()
    for number in writing {
      let data = segmentsFolder + "/" + Segment.name(Int(clamping: number)) + ".data"
      guard DurableFile.size(of: data) == nil else { continue }
      log("\(data) is missing; what it held is not served")
      last = max(last, min(number, 1 << 40))
    }
    for number in numbers {
      last = max(last, UInt64(number))
      if let segment = try loadSegment(number, recency: recency, cleared: cleared) { take(segment) }
    }
    appending.withLock { $0.lastNumber = last }
  }

  /// Looks again, where the store was opened for reading: what was put since, and what had to go.
  ///
  /// - Throws: `FileError` where the folder cannot be read.
  /// - Complexity: O(segments), and what is new.
  public func refresh() throws {
    guard mode == .reading else { return }
    var cleared: Set<UInt64> = []
    if case .state(let kept) = try StateFile.read(path) {
      cleared = Set(kept.cleared)
      state.withLock { state in
        for space in kept.spaces { state.spaces[space.namespace.id] = space }
      }
    }
    let recency = RecencyFile.read(path)
    let numbers = Set(try segmentNumbers())
    let known = state.withLock { state in
      for segment in state.segments {
        // Clears make a list of dead blocks, seals one of all: such segments are read anew.
        guard let segment else { continue }
        let deadSize = DurableFile.size(of: segment.deadPath) ?? 0
        if !numbers.contains(segment.number) || deadSize != segment.deadBytes || !segment.isSealed {
          state.remove(segment)
        }
      }
      return Set(state.slots.keys)
    }
    for number in numbers.subtracting(known).sorted() {
      if let segment = try loadSegment(number, recency: recency, cleared: cleared) { take(segment) }
    }
  }

  private func segmentNumbers() throws(FileError) -> [Int] {
    try DurableFile.names(in: segmentsFolder).compactMap { name in
      // A number of which any file is left is not given again.
      Int(name.prefix { $0 != "." })
    }.filter { $0 > 0 && $0 < 1 << 40 }.reduce(into: Set()) { $0.insert($1) }.sorted()
  }

  private func take(_ segment: Segment) {
    guard state.withLock({ $0.add(segment) }) == nil else { return }
    log("\(segment.dataPath) is one segment too many; what it holds is not served")
  }

  /// - Throws: `FileError` where its files cannot be read, too many of them being open for one: what
  ///   a writer cannot read it must not remove.
  private func loadSegment(
    _ number: Int, recency: (tick: UInt64, uses: [UInt64: Segment.Use]), cleared: Set<UInt64>
  ) throws(FileError) -> Segment? {
    let path = segmentsFolder + "/" + Segment.name(number) + ".data"
    guard let header = try Self.header(of: path), header.number == UInt64(number) else {
      // A segment that was being made has no head yet: nothing was ever put there.
      // Beside a writer it may be one that is being made, or was just evicted: look again.
      if mode == .reading {
        usleep(30_000)
        let list = segmentsFolder + "/" + Segment.name(number) + ".blocks"
        let isThere =
          DurableFile.size(of: path) ?? 0 > 0 || DurableFile.size(of: list) != nil
        guard isThere, try Self.header(of: path)?.number != UInt64(number) else { return nil }
      }
      if !isRemnant(number) {
        log("\(path) is missing or has no head of this segment; what it held is not served")
      }
      if mode == .writing { remove(number) }
      return nil
    }
    clock.note(header.created)
    let segment = Segment(header: header, folder: segmentsFolder, log: log)
    let use = recency.uses[header.salt] ?? Segment.Use(tick: recency.tick, reach: 0)
    let size = DurableFile.size(of: path) ?? 0
    if BlockList.read(into: segment), size >= segment.usedBytes {
      segment.uses = ContiguousArray(repeating: use, count: segment.entries.count)
    } else if !recover(segment, tick: use.tick) {
      return nil
    }
    guard try DeadList.read(into: segment) else {
      log("\(segment.deadPath) is damaged; what that segment holds is not served")
      if mode == .writing { segment.unlinkFiles() }
      return nil
    }
    if cleared.contains(header.salt), DurableFile.size(of: segment.deadPath) == nil {
      // Beside a writer it may be one that was just evicted: its list goes last.
      if mode == .writing || DurableFile.size(of: segment.dataPath) != nil {
        log("\(segment.deadPath) is missing; what that segment holds is not served")
      }
      if mode == .writing { segment.unlinkFiles() }
      return nil
    }
    segment.measure()
    if segment.entries.isEmpty, mode == .writing {
      segment.unlinkFiles()
      return nil
    }
    return segment
  }

  /// Reads a segment that has no list, or a damaged one, from its data.
  private func recover(_ segment: Segment, tick: UInt64) -> Bool {
    if DurableFile.size(of: segment.listPath) != nil {
      log("\(segment.listPath) is damaged or does not fit its data; the data is read instead")
    }
    segment.entries = []
    segment.uses = []
    segment.isSealed = false
    segment.usedBytes = SegmentHeader.bytes
    guard let data = segment.mappedData() else {
      if mode == .writing || DurableFile.size(of: segment.dataPath) != nil {
        log("\(segment.dataPath) cannot be read; what it holds is not served")
      }
      return false
    }
    let scan = SegmentScan.extend(segment, tick: tick)
    func tell(cut: Int?, gaps: [Int]) {
      if let cut {
        log("\(segment.dataPath) has a part of the block that begins at \(cut); it is a miss")
      }
      for gap in gaps {
        log("\(segment.dataPath) at \(gap) is damaged; the blocks there are misses")
      }
    }
    guard mode == .writing else {
      guard scan.cut != nil || !scan.gaps.isEmpty else { return true }
      // Beside a writer these are blocks that are being written, unless they were on the disk before.
      let hasWriter = isBeingWritten
      tell(
        cut: hasWriter ? nil : scan.cut,
        gaps: scan.gaps.filter { !hasWriter || $0 < scan.durable })
      return true
    }
    let count = segment.entries.count
    SegmentScan.cut(segment, data, scan)
    if segment.entries.count < count {
      log(
        "\(segment.dataPath) has \(count - segment.entries.count) blocks from \(segment.usedBytes) on "
          + "that are not whole, as a crash leaves them; they are misses")
    }
    tell(cut: scan.cut, gaps: scan.gaps.filter { $0 < segment.usedBytes })
    guard !segment.entries.isEmpty else { return true }
    if DurableFile.size(of: segment.dataPath) ?? 0 > segment.usedBytes {
      truncate(segment.dataPath, off_t(segment.usedBytes))
    }
    try? DurableFile.synchronize(file: segment.dataPath)
    seal(segment)
    return true
  }

  /// Whether the process that the lock's file names is alive.
  private var isBeingWritten: Bool {
    let bytes = (try? DurableFile.read(path + "/writer.lock", limit: 64)) ?? []
    guard let writer = Int32(String(decoding: bytes, as: UTF8.self).filter(\.isNumber)) else {
      return false
    }
    return kill(writer, 0) == 0 || errno == EPERM
  }

  /// Writes the list of a segment that takes no more frames, and takes it over; lookups go on meanwhile.
  /// Where that fails, its data goes on being what the blocks are read from.
  func seal(_ segment: Segment) {
    // Nobody appends to it any more, and its records do not move.
    let entries: ContiguousArray<Segment.Entry>?
    do { entries = try BlockList.write(segment) } catch {
      log("\(error)")
      entries = nil
    }
    state.withLock { _ in
      if let entries {
        segment.entries = entries
        segment.isSealed = true
        segment.records = nil
      }
      segment.measure()
    }
  }

  /// Whether of a segment nothing but its dead blocks is left: a crash interrupted its removal.
  func isRemnant(_ number: Int) -> Bool {
    let base = segmentsFolder + "/" + Segment.name(number)
    return DurableFile.size(of: base + ".data") == nil
      && DurableFile.size(of: base + ".blocks") == nil
  }

  private func remove(_ number: Int) {
    let base = segmentsFolder + "/" + Segment.name(number)
    for suffix in [".data", ".blocks", ".dead"] { unlink(base + suffix) }
  }

  /// The head of a data file, `nil` where there is no such file or no head in it.
  private static func header(of path: String) throws(FileError) -> SegmentHeader? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw FileError("open", path)
    }
    defer { Foundation.close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = pread(descriptor, &bytes, 64, 0)
    guard count >= 0 else { throw FileError("read", path) }
    guard count == 64 else { return nil }
    return bytes.withUnsafeBytes { SegmentHeader($0) }
  }
}
