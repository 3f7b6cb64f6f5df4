import Files
import Foundation

/// A place that a frame will be written to.
struct Reservation {
  let active: ActiveSegment
  let offset: Int
}

extension ContextStore {
  /// A place for a frame among blocks of one lifetime; begins a segment, and evicts others, where there
  /// is none. `nil` where nothing can go or the disk is full: the block is not stored then.
  func reserve(_ header: FrameHeader, lifetime: UInt64) -> Reservation? {
    appending.withLock { appending in
      guard !appending.isClosed else { return nil }
      if let place = Self.place(header, in: appending.actives[lifetime]) { return place }
      return begin(lifetime: lifetime, in: &appending).flatMap { Self.place(header, in: $0) }
    }
  }

  static func place(_ header: FrameHeader, in active: ActiveSegment?) -> Reservation? {
    guard let active,
      let offset = active.reserve(
        header.frameBytes, listBytes: BlockList.bytes(of: header))
    else { return nil }
    return Reservation(active: active, offset: offset)
  }

  /// Seals the segment of a lifetime and begins the next, within the cap.
  private func begin(lifetime: UInt64, in appending: inout Appending) -> ActiveSegment? {
    if let old = appending.actives.removeValue(forKey: lifetime) { finish(old) }
    dropExpired()
    var moving: Segment?
    // One segment more than is begun stays free: room to copy what is worth keeping.
    let limit = capacityBytes - StoreBudget.reserve - segmentBytes
    let needed = segmentBytes + ActiveSegment.listRoom(segmentBytes)
    var planned = 0
    while state.withLock({ $0.diskBytes() }) - planned + needed > limit {
      guard let victim = chooseVictim(besides: moving, isPinnedFine: moving == nil) else {
        return nil
      }
      if moving == nil, hasKeepers(victim) {
        moving = victim
        planned = victim.diskBytes
      } else if !evict(victim, unlessPinned: true) {
        return nil
      }
    }
    guard let active = makeSegment(lifetime: lifetime, in: &appending) else { return nil }
    if let moving {
      // A pin may come while blocks are copied.
      for _ in 0..<8 {
        if !moveKeepers(of: moving, to: active) || evict(moving, unlessPinned: true) { break }
      }
    }
    return active
  }

  /// Makes a segment. Where the disk is full there is none, and nothing of what is stored goes for it.
  private func makeSegment(lifetime: UInt64, in appending: inout Appending) -> ActiveSegment? {
    appending.lastNumber += 1
    let header = SegmentHeader(
      number: appending.lastNumber, salt: UInt64.random(in: .min ... .max), created: clock.now,
      lifetime: lifetime)
    let segment = Segment(header: header, folder: segmentsFolder, log: log)
    do {
      let active = try ActiveSegment(segment, capacity: segmentBytes)
      segment.records = RecordBuffer(
        capacity: ActiveSegment.listRoom(segmentBytes) + FrameHeader.mostBytes)
      segment.diskBytes = segmentBytes + ActiveSegment.listRoom(segmentBytes)
      guard segment.mappedData() != nil, state.withLock({ $0.add(segment) }) != nil else {
        log("\(segment.dataPath) cannot be mapped; blocks are not stored until it can")
        segment.unlinkFiles()
        return nil
      }
      appending.actives[lifetime] = active
      state.withLock { _ = $0.writing.insert(header.number) }
      // Where it cannot be noted, a file that somebody removes is not missed: nothing else.
      noteState()
      return active
    } catch {
      log("\(error.description); blocks are not stored until there is room")
      return nil
    }
  }

  /// Ends a segment that is written: flushed, cut to its frames, listed.
  func finish(_ active: ActiveSegment) {
    let end = active.finish()
    let segment = active.segment
    let isEmpty = state.withLock { state in
      state.writing.remove(segment.header.number)
      segment.usedBytes = end
      // Frames behind one that could not be written are not there after a restart.
      if segment.entries.contains(where: { $0.offset >= end }) {
        state.remove(segment)
        segment.keep { $0.offset < end }
        _ = state.add(segment)
      }
      if segment.entries.isEmpty { state.remove(segment) }
      return segment.entries.isEmpty
    }
    if isEmpty { return segment.unlinkFiles() }
    seal(segment)
    state.withLock { RecencyFile.write($0, to: path) }
  }

  /// Writes a frame to its place and makes it findable.
  ///
  /// - Parameter fill: writes the slots of the frame's groups, given the frame's bytes from its first
  ///   slot on, and where the checksums begin; false where there is nothing to store after all.
  /// - Returns: whether it was written.
  func append(
    _ header: FrameHeader, at place: Reservation, use: Segment.Use, buffer: FrameBuffer,
    fill: (UnsafeMutableRawBufferPointer, UInt32) -> Void
  ) -> Bool {
    let segment = place.active.segment
    let salt = FrameHeader.salt(of: segment.header, offset: place.offset)
    var header = header
    header.durable = place.active.durableBytes
    let head = header.encoded(salt: salt)
    let memory = buffer.take(header.frameBytes)
    memory.copyBytes(from: head)
    memset(memory.baseAddress! + head.count, 0, header.payloadOffset - head.count)
    memset(memory.baseAddress! + (memory.count - FrameHeader.alignment), 0, FrameHeader.alignment)
    let slots = UnsafeMutableRawBufferPointer(rebasing: memory[header.payloadOffset...])
    fill(slots, salt)
    do { try place.active.write(UnsafeRawBufferPointer(memory), at: place.offset) } catch {
      log("\(error.description); the block is not stored")
      return false
    }
    return state.withLock { state in
      guard let view = FrameView(UnsafeRawBufferPointer(memory), salt: salt),
        let records = segment.records, let record = records.append(view.bytes)
      else { return false }
      segment.add(view, offset: place.offset, record: record, use: use)
      segment.usedBytes = max(segment.usedBytes, place.offset + view.frameBytes)
      state.insertLast(of: segment)
      return true
    }
  }
}
