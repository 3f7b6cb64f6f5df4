import Datasets
import SampleOrder
import Storage
import Synchronization

/// A dataset version and readers of it, for any number of threads at once.
///
///     let dataset = try OpenDataset("corpus@3", in: store)
///     try dataset.read([17, 4], into: buffer, offsets: offsets)
public final class OpenDataset: Sendable {
  /// The version.
  public let dataset: Dataset
  private let readers = Mutex<[PooledReader]>([])
  private let order = Mutex<KnownOrder?>(nil)

  // The pool hands a reader to one thread at a time, under its lock.
  private struct PooledReader: @unchecked Sendable {
    let reader: SampleReader
  }

  /// The order that was asked for last: making a chunked one anew costs a step a chunk.
  private struct KnownOrder {
    let kind: EpochOrder.Kind
    let seed: UInt64
    let epoch: Int
    let order: EpochOrder
  }

  /// `name@version`.
  public var title: String { dataset.version.title }

  /// Opens the version that `name` or `name@version` names.
  ///
  /// - Throws: `DatasetError`, `StorageError`, `FileError`.
  public convenience init(_ reference: String, in store: Store) throws {
    self.init(try Dataset(DatasetReference(parsing: reference), in: store))
  }

  /// Takes a dataset that is open.
  public init(_ dataset: Dataset) { self.dataset = dataset }

  /// Calls `body` with a reader that no other thread has.
  public func withReader<R>(_ body: (SampleReader) throws -> R) rethrows -> R {
    let pooled = readers.withLock { $0.popLast() } ?? PooledReader(reader: SampleReader(dataset))
    defer { readers.withLock { $0.append(pooled) } }
    return try body(pooled.reader)
  }

  /// Reads samples, one after another.
  ///
  /// - Parameters:
  ///   - numbers: sample numbers; duplicates are allowed.
  ///   - out: where their bytes go.
  ///   - offsets: `numbers.count + 1` places in `out`: sample i is from `offsets[i]` up to
  ///     `offsets[i + 1]`.
  /// - Throws: `DatasetError`, `ChunkError`; `RequestError.bufferTooSmall`, which says how many bytes
  ///   all of them need: the last offset then.
  public func read(
    _ numbers: UnsafeBufferPointer<Int64>, into out: UnsafeMutableRawBufferPointer,
    offsets: UnsafeMutableBufferPointer<UInt64>
  ) throws {
    precondition(offsets.count == numbers.count + 1, "\(offsets.count) offsets")
    try withReader { reader in
      var end = 0
      offsets[0] = 0
      for (index, number) in numbers.enumerated() {
        let number = Int(number)
        if end <= out.count {
          let start = end
          end = try reader.withSample(number) { bytes in
            let (next, overflow) = start.addingReportingOverflow(bytes.count)
            if !overflow, next <= out.count, let base = out.baseAddress,
              let from = bytes.baseAddress
            {
              (base + start).copyMemory(from: from, byteCount: bytes.count)
            }
            return overflow ? Int.max : next
          }
        } else {
          let (next, overflow) = end.addingReportingOverflow(try reader.size(of: number))
          end = overflow ? Int.max : next
        }
        offsets[index + 1] = UInt64(end)
      }
      guard end <= out.count else {
        throw RequestError.bufferTooSmall(needed: end, given: out.count)
      }
    }
  }

  /// The sizes of samples in bytes.
  ///
  /// - Throws: `DatasetError`, `ChunkError`.
  public func sizes(
    of numbers: UnsafeBufferPointer<Int64>, into sizes: UnsafeMutableBufferPointer<UInt64>
  ) throws {
    try withReader { reader in
      for (index, number) in numbers.enumerated() {
        sizes[index] = UInt64(try reader.size(of: Int(number)))
      }
    }
  }

  /// The samples that stand at the positions first, first + step, ... of an epoch.
  ///
  /// - Parameter samples: where they go; all its places are filled.
  /// - Throws: `SampleOrderError`, of a position outside the epoch before anything is written;
  ///   `RequestError`, `DatasetError`.
  /// - Complexity: constant a position; the first use of a chunked order costs a step a chunk.
  public func order(
    _ kind: EpochOrder.Kind, seed: UInt64, epoch: Int, first: Int, step: Int,
    into samples: UnsafeMutableBufferPointer<Int64>
  ) throws {
    guard step >= 1 else {
      throw RequestError.badValue(name: "step", found: "\(step)", expected: "1 or more")
    }
    guard epoch >= 0 else {
      throw RequestError.badValue(name: "epoch", found: "\(epoch)", expected: "0 or more")
    }
    guard samples.count > 0 else { return }
    let (span, overflow) = step.multipliedReportingOverflow(by: samples.count - 1)
    let (last, beyond) = first.addingReportingOverflow(span)
    guard first >= 0, !overflow, !beyond, last < dataset.count else {
      throw SampleOrderError.noSuchPosition(
        first < 0 ? first : overflow || beyond ? .max : last, range: 0...max(0, dataset.count - 1))
    }
    let order = try epochOrder(kind, seed: seed, epoch: epoch)
    if step == 1 {
      samples.withMemoryRebound(to: Int.self) { order.fill(first..<(last + 1), into: $0) }
    } else {
      for index in samples.indices { samples[index] = Int64(order[first + index * step]) }
    }
  }

  private func epochOrder(_ kind: EpochOrder.Kind, seed: UInt64, epoch: Int) throws -> EpochOrder {
    let known = order.withLock { $0 }
    if let known, known.kind == kind, known.seed == seed, known.epoch == epoch {
      return known.order
    }
    let made = try dataset.order(kind, seed: seed, epoch: epoch)
    order.withLock { $0 = KnownOrder(kind: kind, seed: seed, epoch: epoch, order: made) }
    return made
  }
}
