import Digests
import Files

/// Where immutable files named by their content are kept: a folder today, an object store later.
/// Few verbs, all safe from many threads at once.
public protocol ChunkBackend: Sendable {
  /// Stores an object; returns `false` where it was there already. An object that is there but
  /// damaged is replaced.
  ///
  /// - Throws: where it cannot be stored; nothing half is there under the name then.
  func putIfAbsent(_ name: SHA256Digest, _ bytes: UnsafeRawBufferPointer) throws -> Bool

  /// A range of an object's bytes.
  ///
  /// - Throws: `ChunkError.missing`, `.corruptChunk` where the object ends before the range does.
  func get(_ name: SHA256Digest, range: Range<Int>) throws -> [UInt8]

  /// All objects and their sizes in bytes, in no particular order.
  func list() throws -> [(name: SHA256Digest, bytes: Int)]

  /// Removes an object; one that is not there is no error.
  func delete(_ name: SHA256Digest) throws

  /// Returns when everything put so far survives a crash of the machine.
  func synchronize() throws

  /// The object's bytes in memory, where the backend can offer that without reading them.
  func map(_ name: SHA256Digest) throws -> MappedFile?

  /// How messages call an object: its path or address.
  func place(of name: SHA256Digest) -> String
}
