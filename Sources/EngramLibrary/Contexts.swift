// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

// The names are those of engram.h, which also documents these functions.
import CEngram
import ContextStore
import Serving

extension ContextStore: Handled {
  static var kind: HandleKind { .context }
}

extension ContextSpace: Handled {
  static var kind: HandleKind { .contextSpace }
}

@c @implementation
public func engram_context_open(
  _ path: UnsafePointer<CChar>?, _ options: UnsafePointer<CChar>?,
  _ context: UnsafeMutablePointer<engram_context>?
) -> engram_status {
  answering {
    let context = try given(context, "context")
    let options = try ContextOpening(json: options.map { try text($0, "options") } ?? "{}")
    context.pointee = Handles.add(
      try ContextStore(path: text(path, "path"), mode: options.mode, options: options.options))
  }
}

@c @implementation
public func engram_context_close(_ context: engram_context) -> engram_status {
  answering {
    let store = try Handles.get(context, ContextStore.self)
    try Handles.close(context, ContextStore.self)
    store.close()
  }
}

@c @implementation
public func engram_context_stats(
  _ context: engram_context, _ json: UnsafeMutablePointer<engram_text>?
) -> engram_status {
  answering {
    let json = try given(json, "json")
    give(try JSONBody.encode(Handles.get(context, ContextStore.self).statistics), to: json)
  }
}

@c @implementation
public func engram_context_refresh(_ context: engram_context) -> engram_status {
  answering { try Handles.get(context, ContextStore.self).refresh() }
}

@c @implementation
public func engram_context_flush(_ context: engram_context) -> engram_status {
  answering { try Handles.get(context, ContextStore.self).flush() }
}

@c @implementation
public func engram_context_space_open(
  _ context: engram_context, _ description: UnsafePointer<CChar>?,
  _ lifetimes: UnsafePointer<CChar>?, _ space: UnsafeMutablePointer<engram_context_space>?
) -> engram_status {
  answering {
    let space = try given(space, "space")
    let store = try Handles.get(context, ContextStore.self)
    let namespace = try ContextNamespace(json: text(description, "description").utf8)
    let lifetimes = try lifetimes.map { try ContextOpening.lifetimes(text($0, "lifetimes")) } ?? [:]
    space.pointee = Handles.add(try store.space(namespace, lifetimes: lifetimes))
  }
}

@c @implementation
public func engram_context_space_close(_ space: engram_context_space) -> engram_status {
  answering { try Handles.close(space, ContextSpace.self) }
}

@c @implementation
public func engram_context_space_describe(
  _ space: engram_context_space, _ json: UnsafeMutablePointer<engram_text>?
) -> engram_status {
  answering {
    let json = try given(json, "json")
    let namespace = try Handles.get(space, ContextSpace.self).namespace
    let start = "{\"id\":\"\(namespace.id)\","
    give(Array(start.utf8) + namespace.json.dropFirst(), to: json)
  }
}

@c @implementation
public func engram_context_put_durable(
  _ space: engram_context_space, _ blocks: engram_context_blocks, _ firstBlock: Int,
  _ blockCount: Int, _ parts: UnsafePointer<engram_context_part>?, _ partCount: Int,
  _ result: UnsafeMutablePointer<engram_context_put_result>?
) -> engram_status {
  answering {
    let put = try ContextPut(result, space, blocks, firstBlock, blockCount, parts, partCount)
    try put.run(ContextSpace.putDurable)
  }
}

@c @implementation
public func engram_context_put_relaxed(
  _ space: engram_context_space, _ blocks: engram_context_blocks, _ firstBlock: Int,
  _ blockCount: Int, _ parts: UnsafePointer<engram_context_part>?, _ partCount: Int,
  _ result: UnsafeMutablePointer<engram_context_put_result>?
) -> engram_status {
  answering {
    let put = try ContextPut(result, space, blocks, firstBlock, blockCount, parts, partCount)
    try put.run(ContextSpace.putRelaxed)
  }
}

@c @implementation
public func engram_context_pin(
  _ space: engram_context_space, _ blocks: engram_context_blocks, _ seconds: Double,
  _ pinned: UnsafeMutablePointer<UInt64>?
) -> engram_status {
  answering {
    let space = try Handles.get(space, ContextSpace.self)
    let count = try space.pin(ContextBlocks(blocks), seconds: seconds)
    pinned?.pointee = UInt64(count)
  }
}

@c @implementation
public func engram_context_clear(
  _ space: engram_context_space, _ blocks: engram_context_blocks,
  _ cleared: UnsafeMutablePointer<UInt64>?
) -> engram_status {
  answering {
    let space = try Handles.get(space, ContextSpace.self)
    let isAll = blocks.token_count == 0 && blocks.key_count == 0
    let count = try space.clear(isAll ? nil : ContextBlocks(blocks))
    cleared?.pointee = UInt64(count)
  }
}

/// The arguments of a put, checked.
private struct ContextPut {
  let result: UnsafeMutablePointer<engram_context_put_result>
  let space: ContextSpace
  let blocks: ContextBlocks
  let range: Range<Int>
  var parts: [String: UnsafeRawBufferPointer] = [:]

  init(
    _ result: UnsafeMutablePointer<engram_context_put_result>?, _ handle: engram_context_space,
    _ blocks: engram_context_blocks, _ firstBlock: Int,
    _ blockCount: Int, _ parts: UnsafePointer<engram_context_part>?, _ partCount: Int
  ) throws {
    self.result = try given(result, "result")
    space = try Handles.get(handle, ContextSpace.self)
    self.blocks = try ContextBlocks(blocks)
    range = try contextRange(firstBlock, blockCount, "blocks")
    for part in try elements(parts, partCount, "parts") {
      let name = try text(part.group, "the group of a part")
      let bytes = try elements(
        part.bytes.map { $0.assumingMemoryBound(to: UInt8.self) }, part.byte_count,
        "the bytes of group \(name)")
      guard self.parts.updateValue(UnsafeRawBufferPointer(bytes), forKey: name) == nil else {
        throw ContextError.badOption(
          name: "group \(name)", found: "there twice", expected: "each group once")
      }
    }
  }
}

extension ContextPut {
  /// Puts them by one of the two ways, and writes what became of them.
  fileprivate func run(
    _ put: (ContextSpace) -> (
      ContextBlocks, Range<Int>, [String: UnsafeRawBufferPointer]
    ) throws -> ContextPutResult
  ) throws {
    result.pointee = engram_context_put_result(try put(space)(blocks, range, parts))
  }
}

/// A range of blocks or layers, of which the end is a number.
func contextRange(_ first: Int, _ count: Int, _ name: String) throws -> Range<Int> {
  let (end, overflow) = first.addingReportingOverflow(count)
  guard first >= 0, count >= 0, !overflow else {
    throw LibraryError.badNumber(
      name: "the first or the number of \(name)", found: Int64(first < 0 ? first : count),
      expected: "0 to \(Int.max), with an end of at most that")
  }
  return first..<end
}

extension ContextBlocks {
  init(_ blocks: engram_context_blocks) throws {
    guard blocks.token_count == 0 || blocks.key_count == 0 else {
      throw LibraryError.badNumber(
        name: "key_count", found: Int64(clamping: blocks.key_count),
        expected: "0 where there are tokens")
    }
    if blocks.key_count == 0 {
      self = .tokens(Array(try elements(blocks.tokens, blocks.token_count, "tokens")))
    } else {
      let (bytes, overflow) = blocks.key_count.multipliedReportingOverflow(by: 32)
      self = .keys(Array(try elements(blocks.keys, overflow ? -1 : bytes, "keys")))
    }
  }
}

extension engram_context_put_result {
  fileprivate init(_ result: ContextPutResult) {
    self.init(
      stored: UInt64(result.stored), present: UInt64(result.present),
      refused: UInt64(result.refused))
  }
}
