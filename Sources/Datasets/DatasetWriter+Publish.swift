import ChunkStore
import Foundation
import Samples
import Storage

extension DatasetWriter {
  /// Publishes everything appended as the dataset's next version; durable when it returns.
  ///
  /// - Returns: the new version, or the parent where nothing differs from it.
  public func publish(
    message: String, source: DatasetManifest.Source, tokenizer: DatasetManifest.Tokenizer? = nil
  ) throws -> DatasetVersion {
    defer { pool.close() }
    if builder.samples > 0 { try completeChunk() }
    try drain(isWaiting: true)
    let listed = try manifest.finish()
    try chunks.synchronize()
    try pages.synchronize()
    if let parent, parent.manifest.pages == listed, parent.manifest.tokens == tokens,
      parent.manifest.tokenizer == tokenizer
    {
      try store.forgetInterruptedIngests([name])
      return parent.version
    }
    var manifest = DatasetManifest(
      name: name, version: try store.nextVersion(ofDataset: name), parent: parentReference,
      message: message, kind: kind, tokens: tokens, tokenizer: tokenizer, samples: samples,
      bytes: bytes, pages: listed, source: source, identity: "")
    manifest.identity = try manifest.computedIdentity()
    let version = DatasetVersion(
      manifest: manifest, published: Date.now.formatted(.iso8601))
    try DatasetLease.create(identity: manifest.identity, in: store.path)
    try store.catalog.commit([
      .init(
        DatasetVersion.key(name: name, version: manifest.version), try version.record(),
        in: .datasets),
      .init(
        DatasetVersion.counterKey(name: name), Array("\(manifest.version)".utf8), in: .datasets),
      .init(InterruptedIngest.key(name), nil, in: .ingests),
    ])
    return version
  }

  var parentReference: DatasetManifest.Parent? {
    parent.map { .init(version: $0.manifest.version, identity: $0.manifest.identity) }
  }
}
