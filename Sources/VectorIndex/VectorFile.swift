import Files
import Safetensors

/// Vectors that a user brings, one a passage: a safetensors file with a tensor of two dimensions
/// (F16, BF16, F32, F64), or a NumPy file (`<f2`, `<f4`, `<f8`, C order).
///
///     let file = try VectorFile(path: "passages.npy")
///     for passage in 0..<file.count { try writer.append(file.vector(passage)) }
///
/// The file is mapped, and must not change meanwhile. Safe to use from any number of threads.
public final class VectorFile: Sendable {
  /// The file's path, as it was given.
  public let path: String
  /// Vectors in the file.
  public let count: Int
  /// Numbers of a vector, at least one.
  public let dimensions: Int

  private let file: MappedFile
  private let type: NumberType
  private let dataOffset: Int

  /// Opens a file by what it begins with.
  ///
  /// - Parameter tensor: the name of the tensor in a safetensors file; `nil` where it holds one.
  /// - Throws: `VectorIndexError`, `SafetensorsError`.
  public init(path: String, tensor: String? = nil) throws {
    do { file = try MappedFile(path: path, access: .sequential) } catch {
      throw VectorIndexError.file(error)
    }
    self.path = path
    let shape: [Int]
    let isNumPy = file.bytes.prefix(6).elementsEqual(NpyHead.magic)
    if isNumPy {
      let head: NpyHead
      do { head = try NpyHead(file.bytes) } catch {
        throw VectorIndexError.badVectors(path: path, reason: error.reason)
      }
      (type, shape, dataOffset) = (head.type, head.shape, head.dataOffset)
    } else {
      let found = try Self.tensor(SafetensorsFile(path: path), named: tensor)
      guard let number = NumberType(found.type) else {
        throw VectorIndexError.badVectors(
          path: path,
          reason: "its tensor is \(found.type.rawValue); store it as F16, BF16, F32 or F64")
      }
      (type, shape, dataOffset) = (number, found.shape, found.range.lowerBound)
    }
    (count, dimensions) = (shape[0], shape[1])
    guard (1...VectorIndexLayout.dimensionLimit).contains(dimensions) else {
      throw VectorIndexError.badVectors(
        path: path,
        reason: "\(dimensions) dimensions, possible are 1 to \(VectorIndexLayout.dimensionLimit)")
    }
    // The width is small, so only the product with the count can overflow.
    let (bytes, overflow) = count.multipliedReportingOverflow(by: dimensions * type.size)
    let rest = file.count - dataOffset
    guard !overflow, rest >= 0, isNumPy ? bytes == rest : bytes <= rest else {
      throw VectorIndexError.badVectors(
        path: path,
        reason: "its shape is \(count) x \(dimensions) of \(type.size) bytes, and it has "
          + "\(rest) bytes of numbers; copy it again")
    }
  }

  /// A vector.
  ///
  /// - Parameter row: one of 0..<count.
  /// - Throws: `VectorIndexError.notFinite` with the row where a number is none.
  public func vector(_ row: Int) throws(VectorIndexError) -> [Float] {
    precondition(row >= 0 && row < count)
    defer { withExtendedLifetime(file) {} }
    guard let base = file.bytes.baseAddress else { return [] }
    let numbers = type.read(
      base + dataOffset + row * dimensions * type.size, count: dimensions)
    guard numbers.allSatisfy(\.isFinite) else { throw .notFinite(path: path, row: row) }
    return numbers
  }

  private static func tensor(
    _ file: SafetensorsFile, named name: String?
  ) throws -> TensorDescription {
    let found: TensorDescription
    if let name {
      found = try file.tensor(named: name)
    } else {
      guard file.tensors.count == 1 else {
        throw VectorIndexError.badVectors(
          path: file.path, reason: "it has \(file.tensors.count) tensors; name one of them")
      }
      found = file.tensors[0]
    }
    guard found.shape.count == 2 else {
      throw VectorIndexError.badVectors(
        path: file.path,
        reason: "its tensor has \(found.shape.count) dimensions; vectors are [passages, dimensions]"
      )
    }
    return found
  }
}
