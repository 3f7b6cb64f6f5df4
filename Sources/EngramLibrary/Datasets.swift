// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

// The names are those of engram.h, which also documents these functions.
import CEngram
import Datasets
import SampleOrder
import Samples
import Serving

extension OpenDataset: Handled {
  static var kind: HandleKind { .dataset }
}

@c @implementation
public func engram_dataset_open(
  _ store: engram_store, _ reference: UnsafePointer<CChar>?,
  _ dataset: UnsafeMutablePointer<engram_dataset>?
) -> engram_status {
  answering {
    let dataset = try given(dataset, "dataset")
    let store = try Handles.get(store, LiveStore.self)
    dataset.pointee = Handles.add(try OpenDataset(text(reference, "reference"), in: store.now()))
  }
}

@c @implementation
public func engram_dataset_close(_ dataset: engram_dataset) -> engram_status {
  answering { try Handles.close(dataset, OpenDataset.self) }
}

@c @implementation
public func engram_dataset_get_info(
  _ dataset: engram_dataset, _ info: UnsafeMutablePointer<engram_dataset_info>?
) -> engram_status {
  answering {
    let info = try given(info, "info")
    let manifest = try Handles.get(dataset, OpenDataset.self).dataset.manifest
    var numbers = engram_dataset_info()
    numbers.samples = Int64(manifest.samples)
    numbers.bytes = Int64(manifest.bytes)
    numbers.version = Int64(manifest.version)
    numbers.kind = Int32(manifest.kind.number)
    numbers.token_width = Int32(manifest.tokens?.width ?? 0)
    numbers.token_length = Int64(manifest.tokens?.length ?? 0)
    numbers.has_boundaries = manifest.tokens?.hasBoundaries == true ? 1 : 0
    put(manifest.identity, into: &numbers.identity)
    info.pointee = numbers
  }
}

@c @implementation
public func engram_dataset_describe(
  _ dataset: engram_dataset, _ json: UnsafeMutablePointer<engram_text>?
) -> engram_status {
  answering {
    let json = try given(json, "json")
    give(try Handles.get(dataset, OpenDataset.self).dataset.manifest.canonicalJSON(), to: json)
  }
}

@c @implementation
public func engram_dataset_sizes(
  _ dataset: engram_dataset, _ numbers: UnsafePointer<Int64>?, _ count: Int,
  _ sizes: UnsafeMutablePointer<UInt64>?
) -> engram_status {
  answering {
    let dataset = try Handles.get(dataset, OpenDataset.self)
    try dataset.sizes(
      of: elements(numbers, count, "numbers"), into: places(sizes, count, "sizes"))
  }
}

@c @implementation
public func engram_dataset_read(
  _ dataset: engram_dataset, _ numbers: UnsafePointer<Int64>?, _ count: Int,
  _ out: UnsafeMutableRawPointer?, _ outBytes: Int, _ offsets: UnsafeMutablePointer<UInt64>?
) -> engram_status {
  answering {
    let dataset = try Handles.get(dataset, OpenDataset.self)
    guard outBytes >= 0, count < Int.max else {
      throw LibraryError.badNumber(
        name: "out_bytes", found: Int64(outBytes), expected: "0 to \(Int.max)")
    }
    try dataset.read(
      elements(numbers, count, "numbers"),
      into: UnsafeMutableRawBufferPointer(start: out, count: out == nil ? 0 : outBytes),
      offsets: places(offsets, count + 1, "offsets"))
  }
}

@c @implementation
public func engram_dataset_order(
  _ dataset: engram_dataset, _ order: Int32, _ window: Int64, _ seed: UInt64, _ epoch: Int64,
  _ first: Int64, _ step: Int64, _ count: Int, _ samples: UnsafeMutablePointer<Int64>?
) -> engram_status {
  answering {
    let dataset = try Handles.get(dataset, OpenDataset.self)
    try dataset.order(
      EpochOrder.Kind(order, window: window), seed: seed, epoch: Int(epoch), first: Int(first),
      step: Int(step), into: places(samples, count, "samples"))
  }
}

extension SampleKind {
  fileprivate var number: Int {
    switch self {
    case .document: ENGRAM_DOCUMENT
    case .tokens: ENGRAM_TOKENS
    case .bytes: ENGRAM_BYTES
    }
  }
}

extension EpochOrder.Kind {
  fileprivate init(_ order: Int32, window: Int64) throws {
    switch Int(order) {
    case ENGRAM_SEQUENTIAL: self = .sequential
    case ENGRAM_GLOBAL: self = .global
    case ENGRAM_CHUNKED: self = .chunked(window: Int(window))
    default:
      throw LibraryError.badNumber(
        name: "order", found: Int64(order),
        expected: "ENGRAM_SEQUENTIAL, ENGRAM_GLOBAL or ENGRAM_CHUNKED")
    }
  }
}
