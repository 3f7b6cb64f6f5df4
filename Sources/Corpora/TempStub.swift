import Files
import Compression
import Foundation
import Samples
extension CorpusPlan {
  public static func scan(_ paths: [String], options: CorpusOptions) throws -> CorpusPlan {
    var units: [CorpusUnit] = []; var kind = SampleKind.document; var t: TokenLayout?
    for p in paths {
      let u = CorpusUnit(path: p, name: p, format: .npy, compression: .none, size: DurableFile.size(of: p) ?? 0)
      let r = try BinaryCorpora.units(for: u, options: options)
      units += r.units; kind = r.kind; t = r.tokens
    }
    return CorpusPlan(kind: kind, tokens: t, units: units)
  }
}
extension CorpusUnit {
  public func makeReader(from position: CorpusPosition, options: CorpusOptions, tokens: TokenLayout?, kind: SampleKind) throws -> any CorpusReader {
    try BinaryCorpora.makeReader(for: self, from: position, options: options, tokens: tokens, kind: kind)
  }
}
