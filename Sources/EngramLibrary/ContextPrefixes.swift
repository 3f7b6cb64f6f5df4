// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

// The names are those of engram.h, which also documents these functions.
import CEngram
import ContextStore

extension ContextPrefix: Handled {
  static var kind: HandleKind { .contextPrefix }
}

@c @implementation
public func engram_context_lookup(
  _ space: engram_context_space, _ blocks: engram_context_blocks,
  _ prefix: UnsafeMutablePointer<engram_context_prefix>?,
  _ blockCount: UnsafeMutablePointer<Int>?
) -> engram_status {
  answering {
    let prefix = try given(prefix, "prefix")
    let found = try Handles.get(space, ContextSpace.self).lookup(ContextBlocks(blocks))
    blockCount?.pointee = found.blockCount
    prefix.pointee = Handles.add(found)
  }
}

@c @implementation
public func engram_context_prefix_close(_ prefix: engram_context_prefix) -> engram_status {
  answering { try Handles.close(prefix, ContextPrefix.self) }
}

@c @implementation
public func engram_context_prefix_presence(
  _ prefix: engram_context_prefix, _ group: UnsafePointer<CChar>?,
  _ presence: UnsafeMutablePointer<engram_context_presence>?
) -> engram_status {
  answering {
    let presence = try given(presence, "presence")
    let found = try Handles.get(prefix, ContextPrefix.self).presence(of: text(group, "group"))
    presence.pointee = engram_context_presence(
      leading: UInt64(found.leading), trailing: UInt64(found.trailing),
      present: UInt64(found.present))
  }
}

@c @implementation
public func engram_context_get(
  _ reads: UnsafeMutablePointer<engram_context_read>?, _ readCount: Int
) -> engram_status {
  answering {
    let reads = try places(reads, readCount, "reads")
    var batch: [ContextRead] = []
    for read in reads {
      guard read.out_bytes >= 0 else {
        throw LibraryError.badNumber(
          name: "out_bytes", found: Int64(read.out_bytes), expected: "0 to \(Int.max)")
      }
      let out = try places(
        read.out.map { $0.assumingMemoryBound(to: UInt8.self) },
        read.out == nil ? 0 : read.out_bytes,
        "out")
      batch.append(
        ContextRead(
          prefix: try Handles.get(read.prefix, ContextPrefix.self),
          group: try text(read.group, "group"),
          layers: try contextRange(read.first_layer, read.layer_count, "layers"),
          blocks: try contextRange(read.first_block, read.block_count, "blocks"),
          buffer: UnsafeMutableRawBufferPointer(out)))
    }
    try ContextPrefix.get(&batch)
    for (index, read) in batch.enumerated() { reads[index].delivered = read.delivered }
  }
}

@c @implementation
public func engram_context_gather(
  _ prefix: engram_context_prefix, _ group: UnsafePointer<CChar>?, _ layer: Int,
  _ rows: UnsafePointer<Int64>?, _ count: Int, _ out: UnsafeMutableRawPointer?, _ outBytes: Int
) -> engram_status {
  answering {
    let prefix = try Handles.get(prefix, ContextPrefix.self)
    let rows = try elements(rows, count, "rows")
    let bytes = try places(
      out.map { $0.assumingMemoryBound(to: UInt8.self) }, out == nil ? 0 : outBytes, "out")
    let layers = try contextRange(layer, 1, "layers")
    try prefix.gather(
      text(group, "group"), layer: layers.lowerBound, rows: rows,
      into: UnsafeMutableRawBufferPointer(bytes))
  }
}

@c @implementation
public func engram_context_prefetch(
  _ prefix: engram_context_prefix, _ group: UnsafePointer<CChar>?, _ firstLayer: Int,
  _ layerCount: Int, _ firstBlock: Int, _ blockCount: Int, _ pages: UnsafeMutablePointer<UInt64>?
) -> engram_status {
  answering {
    let found = try Handles.get(prefix, ContextPrefix.self).prefetch(
      text(group, "group"), layers: contextRange(firstLayer, layerCount, "layers"),
      blocks: contextRange(firstBlock, blockCount, "blocks"))
    pages?.pointee = UInt64(found)
  }
}

@c @implementation
public func engram_context_prefetch_rows(
  _ prefix: engram_context_prefix, _ group: UnsafePointer<CChar>?, _ layer: Int,
  _ rows: UnsafePointer<Int64>?, _ count: Int, _ pages: UnsafeMutablePointer<UInt64>?
) -> engram_status {
  answering {
    let layers = try contextRange(layer, 1, "layers")
    let found = try Handles.get(prefix, ContextPrefix.self).prefetch(
      text(group, "group"), layer: layers.lowerBound, rows: elements(rows, count, "rows"))
    pages?.pointee = UInt64(found)
  }
}
