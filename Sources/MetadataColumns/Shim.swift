import Bitsets
import Questions
import Storage
package final class MetadataColumnsWriter {
  let w: CheckedFileWriter
  var n = 0
  package init(creating path: String, salt: String) throws { w = try CheckedFileWriter(creating: path, salt: salt) }
  package func add(_ m: UnsafeRawBufferPointer) throws { n += 1 }
  package func add(from: MetadataColumns, document: Int) throws { n += 1 }
  package func finish() throws { try withUnsafeBytes(of: n) { try w.append($0) }; try w.finish() }
}
public final class MetadataColumns: Sendable {
  public let documents: Int
  package init(path: String, salt: String) throws { let f = try CheckedFile(path: path, salt: salt); documents = try f.allBytes().loadUnaligned(as: Int.self); withExtendedLifetime(f) {} }
  public var fields: [String] { [] }
  public func documents(matching: [Condition]) throws -> Bitset { Bitset(count: documents, filled: true) }
  public func values(of: String, document: Int) throws -> [String] { [] }
}
