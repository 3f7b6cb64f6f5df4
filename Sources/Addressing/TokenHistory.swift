import CKernels

/// What a hasher must remember between two calls for the same sequence: the last N-1 (compressed)
/// tokens as the next token will see them, and their segment.
///
/// A plain value of 36 bytes: assign it to fork a sequence, keep an old one to roll back, and
/// make one from a prefix's last tokens with `NgramHasher.history(after:)`.
public struct TokenHistory: Hashable, Sendable {
  /// The (compressed) tokens, newest first; what lies beyond a boundary is the boundary token.
  package var recent: SIMD8<UInt32>
  /// The segment of the last token.
  package var segment: Int32

  /// A history that was kept as numbers; any are safe.
  package init(recent: SIMD8<UInt32>, segment: Int32) {
    self.recent = recent
    self.segment = segment
  }

  /// A history in which there is nothing but the (compressed) token `edge`.
  init(edge: UInt32) {
    recent = SIMD8(repeating: edge)
    segment = 0
  }
}
