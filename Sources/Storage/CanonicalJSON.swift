import Foundation

/// The one form of JSON in which manifests, catalog records and checksum lists are stored, and over
/// which identities are computed: sorted keys, no spaces, slashes as they are.
package enum CanonicalJSON {
  /// The bytes of a value.
  package static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }
}
