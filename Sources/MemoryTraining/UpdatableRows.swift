import Files
import Foundation

/// Rows of float32 that all threads read and update in place, and what Adagrad has summed up for
/// each. In memory, or in a sparse file: rows that were never touched take no disk.
///
/// Threads take no lock: two that move the same row at once may lose a part of one step, which
/// stochastic gradient descent bears (Niu, Recht, Ré and Wright, "Hogwild!", NIPS 2011). With one
/// thread nothing is lost.
final class UpdatableRows: @unchecked Sendable {
  /// Rows.
  let count: Int
  /// Numbers of a row.
  let dimension: Int
  /// [count, dimension].
  let values: UnsafeMutablePointer<Float>
  /// [count]; 0 where a row was never moved.
  let accumulators: UnsafeMutablePointer<Float>
  /// The file behind it, and its descriptor.
  let file: (path: String, descriptor: Int32)?

  private let base: UnsafeMutableRawPointer
  let byteCount: Int
  /// Where accumulators begin in the file.
  let accumulatorOffset: Int

  /// - Parameter path: a new or emptied file; memory alone where `nil`.
  /// - Throws: `FileError` where the system cannot map it.
  init(count: Int, dimension: Int, path: String? = nil) throws(FileError) {
    self.count = count
    self.dimension = dimension
    accumulatorOffset = (count * dimension * 4 + 4095) / 4096 * 4096
    byteCount = accumulatorOffset + (count * 4 + 4095) / 4096 * 4096
    var descriptor: Int32 = -1
    if let path {
      descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw FileError("create", path) }
      guard ftruncate(descriptor, byteCount) == 0 else {
        let error = FileError("extend", path)
        close(descriptor)
        throw error
      }
    }
    let flags = path == nil ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE : MAP_SHARED
    guard let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, descriptor, 0),
      address != MAP_FAILED
    else {
      let error = FileError("map", path ?? "memory")
      if descriptor >= 0 { close(descriptor) }
      throw error
    }
    if path == nil { madvise(address, byteCount, MADV_HUGEPAGE) }
    base = address
    file = path.map { ($0, descriptor) }
    values = address.bindMemory(to: Float.self, capacity: byteCount / 4)
    accumulators = values + accumulatorOffset / 4
  }

  deinit {
    munmap(base, byteCount)
    if let file { close(file.descriptor) }
  }

  /// All of it, values and then accumulators.
  var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: base, count: byteCount)
  }

  /// Bytes of the file that have no disk behind them yet.
  var unallocatedBytes: Int {
    guard let file else { return 0 }
    var status = stat()
    guard fstat(file.descriptor, &status) == 0 else { return 0 }
    return max(0, byteCount - Int(status.st_blocks) * 512)
  }
}
