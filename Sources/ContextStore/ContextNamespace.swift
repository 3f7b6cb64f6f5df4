import Digests
import Foundation
import Storage
import StrictJSON

/// Everything that makes two states comparable. State of one namespace is never found from another.
///
///     let namespace = try ContextNamespace(
///       model: "deepseek-v3.2", revision: "1a2b", tokenizer: "c60a86...",
///       layout: .latent(layers: 61, codec: .fp8, indexer: true))
public struct ContextNamespace: Hashable, Sendable {
  /// The model.
  public let model: String
  /// The revision of its weights.
  public let revision: String
  /// The tokenizer's identity.
  public let tokenizer: String
  /// What keeps tenants apart: with another salt nothing is shared.
  public let salt: String
  /// Blocks and groups.
  public let layout: ContextLayout
  /// SHA-256 of the canonical description.
  public let digest: SHA256Digest

  /// The digest as 64 hexadecimal digits.
  public var id: String { digest.description }

  /// A namespace of this description.
  ///
  /// - Throws: `ContextError.badNamespace`.
  public init(
    model: String, revision: String = "", tokenizer: String = "", salt: String = "",
    layout: ContextLayout
  ) throws(ContextError) {
    self.model = model
    self.revision = revision
    self.tokenizer = tokenizer
    self.salt = salt
    self.layout = layout
    try Self.check(layout)
    guard !model.isEmpty else { throw .badNamespace("the model has no name") }
    let text = [model, revision, tokenizer, salt].map { $0.utf8.count }
    guard text.allSatisfy({ $0 <= 4096 }) else {
      throw .badNamespace("a name of more than 4,096 bytes")
    }
    digest = try Self.digest(
      Description(
        model: model, revision: revision, tokenizer: tokenizer, salt: salt,
        blockTokens: layout.blockTokens, groups: layout.groups))
  }

  /// The canonical JSON of the description: what `init(json:)` reads.
  public var json: [UInt8] {
    (try? CanonicalJSON.encode(description)) ?? []
  }

  private var description: Description {
    Description(
      model: model, revision: revision, tokenizer: tokenizer, salt: salt,
      blockTokens: layout.blockTokens, groups: layout.groups)
  }

  private struct Description: Codable {
    let model, revision, tokenizer, salt: String
    let blockTokens: Int
    let groups: [ContextGroup]

    enum CodingKeys: String, CodingKey {
      case model, revision, tokenizer, salt, groups
      case blockTokens = "block_tokens"
    }
  }

  private static func digest(_ description: Description) throws(ContextError) -> SHA256Digest {
    do {
      let bytes = try CanonicalJSON.encode(description)
      return bytes.withUnsafeBytes { SHA256Digest(of: $0) }
    } catch { throw .badNamespace("\(error)") }
  }

  /// The largest block: what a layout may say at most, before anything is multiplied.
  private static let mostBlockBytes = 1 << 34

  private static func check(_ layout: ContextLayout) throws(ContextError) {
    guard (1...65_536).contains(layout.blockTokens) else {
      throw .badNamespace("block_tokens is \(layout.blockTokens); give 1 to 65,536")
    }
    guard (1...32).contains(layout.groups.count) else {
      throw .badNamespace("\(layout.groups.count) groups; give 1 to 32")
    }
    var names: Set<String> = []
    var total = 0
    for group in layout.groups {
      let name = group.name
      let isPlain = name.utf8.allSatisfy {
        ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A)
          || $0 == 0x5F || $0 == 0x2D || $0 == 0x2E
      }
      guard isPlain, (1...64).contains(name.utf8.count), names.insert(name).inserted else {
        throw .badNamespace(
          "a group's name must be its own, of 1 to 64 letters, digits, \"_\", \"-\" and \".\"")
      }
      guard (1...4096).contains(group.layers), (1...(1 << 24)).contains(group.rowBytes) else {
        throw .badNamespace(
          "group \(name) has \(group.layers) layers and rows of \(group.rowBytes) bytes; give 1 to "
            + "4,096 and 1 to 16,777,216")
      }
      guard group.tokensPerRow >= 1, layout.blockTokens % group.tokensPerRow == 0 else {
        throw .badNamespace(
          "group \(name) has a row for each \(group.tokensPerRow) tokens, which must divide "
            + "block_tokens, \(layout.blockTokens)")
      }
      guard group.dtype.utf8.count <= 256 else {
        throw .badNamespace("the dtype of group \(name) has more than 256 bytes")
      }
      // At most 2^12 layers, 2^16 rows, 2^24 bytes: no overflow.
      total += group.layers * layout.rowsPerBlock(group) * (group.rowBytes + 4)
      guard total <= mostBlockBytes else {
        throw .badNamespace("a block takes more than \(mostBlockBytes) bytes")
      }
    }
  }
}
