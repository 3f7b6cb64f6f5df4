import CKernels
import Foundation

extension ContextSpace {
  /// Looks for the longest prefix of a prompt of which every block is there, in some group at least.
  ///
  /// What was found can be read as long as the result lives, whatever is evicted meanwhile; it holds disk
  /// space that long. What was found counts as used now.
  ///
  /// - Throws: `ContextError.badToken`, `.badKeys`.
  /// - Complexity: one SHA-256 over the tokens, and some 0.2 us a block.
  public func lookup(_ blocks: ContextBlocks) throws -> ContextPrefix {
    let keys = try BlockKeys(blocks, of: namespace)
    let now = store.clock.now
    let groups = namespace.layout.groups.indices.map(frameGroup)
    let found = store.state.withLock { state -> FoundBlocks in
      state.tick += 1
      var found = FoundBlocks(groups: groups.count)
      var places: [(Segment, Int)] = []
      for block in 0..<keys.count {
        var mask: UInt32 = 0
        found.begin()
        state.forEachFrame(of: block, keys) { segment, ordinal, frame in
          let alive = alive(frame, mask: segment.entries[ordinal].mask, now: now)
          if alive == 0 { state.counters.expiredBlocks += 1 }
          guard alive & ~mask != 0, let data = segment.mappedData(),
            matches(frame, groups)
          else { return false }
          let entry = segment.entries[ordinal]
          mask |= found.add(
            frame, at: entry.offset, mask: alive & ~mask, data: data, segment: segment,
            ordinal: ordinal)
          places.append((segment, ordinal))
          return false
        }
        if mask == 0 {
          found.dropLast()
          break
        }
      }
      let reach = UInt32(clamping: found.count * namespace.layout.blockTokens)
      for (segment, ordinal) in places { segment.touch(ordinal, tick: state.tick, reach: reach) }
      state.counters.lookups += 1
      state.counters.lookedUpBlocks += keys.count
      state.counters.foundBlocks += found.count
      return found
    }
    return ContextPrefix(found, of: self)
  }

  /// Whether a frame's groups are as large as this layout's: they are, unless a digest repeats.
  private func matches(_ frame: FrameView, _ groups: [FrameHeader.Group]) -> Bool {
    (0..<frame.groupCount).allSatisfy {
      let group = frame.group($0)
      return group.index < groups.count && groups[group.index] == group
    }
  }
}

/// The blocks that a lookup found: where each group's slots begin.
struct FoundBlocks {
  /// By group and block: the first slot, or nothing.
  private(set) var bases: [[UnsafePointer<UInt8>?]]
  /// By group and block: where the frame's checksums begin, and whose frame it is.
  private(set) var salts: [[UInt32]]
  private(set) var owners: [[Owner]]
  /// What keeps the bytes mapped.
  private(set) var segments: [Segment] = []
  private(set) var count = 0

  /// The frame that a group of a block is in.
  struct Owner {
    var segment: Int32
    var ordinal: Int32
  }

  init(groups: Int) {
    bases = Array(repeating: [], count: groups)
    salts = Array(repeating: [], count: groups)
    owners = Array(repeating: [], count: groups)
  }

  /// Begins a block, in which no group is there yet.
  mutating func begin() {
    count += 1
    for group in bases.indices {
      bases[group].append(nil)
      salts[group].append(0)
      owners[group].append(Owner(segment: -1, ordinal: 0))
    }
  }

  mutating func dropLast() {
    count -= 1
    for group in bases.indices {
      bases[group].removeLast()
      salts[group].removeLast()
      owners[group].removeLast()
    }
  }

  /// Adds groups of the last block; returns those that its frame has.
  mutating func add(
    _ frame: FrameView, at offset: Int, mask: UInt32, data: UnsafeRawBufferPointer,
    segment: Segment, ordinal: Int
  ) -> UInt32 {
    let salt = FrameHeader.salt(of: segment.header, offset: offset)
    if segments.last !== segment { segments.append(segment) }
    let owner = Owner(segment: Int32(segments.count - 1), ordinal: Int32(ordinal))
    var at = offset + frame.payloadOffset
    var added: UInt32 = 0
    for number in 0..<frame.groupCount {
      let group = frame.group(number)
      if mask & 1 << UInt32(group.index) != 0, at + group.bytes <= data.count {
        bases[group.index][count - 1] = (data.baseAddress! + at)
          .assumingMemoryBound(to: UInt8.self)
        salts[group.index][count - 1] = salt
        owners[group.index][count - 1] = owner
        added |= 1 << UInt32(group.index)
      }
      at += group.bytes
    }
    return added
  }
}
