import Foundation
import Samples
import TestCheckpoints
import Testing

@testable import Corpora

/// A folder that the format's own writer wrote: mosaicml-streaming 0.13, columns `arr` (ndarray),
/// `id` and `text` (str), `n` (int), `v` (float32), shard compressed with zstd.
@Suite struct BinaryMDSGoldenTests {
  private static let index = """
    eyJzaGFyZHMiOiBbeyJjb2x1bW5fZW5jb2RpbmdzIjogWyJuZGFycmF5IiwgInN0ciIsICJpbnQiLCAic3RyIiwgIm\
    Zsb2F0MzIiXSwgImNvbHVtbl9uYW1lcyI6IFsiYXJyIiwgImlkIiwgIm4iLCAidGV4dCIsICJ2Il0sICJjb2x1bW5f\
    c2l6ZXMiOiBbbnVsbCwgbnVsbCwgOCwgbnVsbCwgNF0sICJjb21wcmVzc2lvbiI6ICJ6c3RkOjMiLCAiZm9ybWF0Ij\
    ogIm1kcyIsICJoYXNoZXMiOiBbInNoYTEiXSwgInJhd19kYXRhIjogeyJiYXNlbmFtZSI6ICJzaGFyZC4wMDAwMC5t\
    ZHMiLCAiYnl0ZXMiOiAzNDgsICJoYXNoZXMiOiB7InNoYTEiOiAiNGZkYTA2NDdmZGYzZjA5YWNmNjJkZTYwYzI4NT\
    Y0ZDA0ZGIxNmVjMCJ9fSwgInNhbXBsZXMiOiAyLCAic2l6ZV9saW1pdCI6IDY3MTA4ODY0LCAidmVyc2lvbiI6IDIs\
    ICJ6aXBfZGF0YSI6IHsiYmFzZW5hbWUiOiAic2hhcmQuMDAwMDAubWRzLnpzdGQiLCAiYnl0ZXMiOiAyNTcsICJoYX\
    NoZXMiOiB7InNoYTEiOiAiNDcyNTk2ZGFjYjYyMzg2NWNiOTRhMzY3M2I5ODJhZDc4NWFhYzc5NCJ9fX1dLCAidmVy\
    c2lvbiI6IDJ9
    """
  private static let shard = """
    KLUv/WBcAL0HAAJMLC+AOekmMqKDVhldiqJcAHAsatsKtOXnLKG2a4UZY2IPAeE1NDNYAXmS4nhU2iI7BQaZzMUbDA\
    dIDQSBg4o/IL5HYQFlYOybpyY9HP/T/8dERLYJZS0CSAHFQfcqLXINWagV6oWawblQxovkYbMjVY9ydN1NOsDJUs57\
    GI5cP0C0yczJbXBZOQsakcyN7zLZydmqHI1YKZexJqhHu4EdixZuFYaYFy0q8SeFP60/DfxvAhwAYAwwCkJYKid80M\
    YGX0XihDHO1M4aTUcBCU0bN1ZSaIOHh7CQmzIKGIYq3yD0oOzdauGjAgMxCBGIx8wAbJSsAgU=
    """

  @Test func aFolderOfItsOwnWriter() throws {
    let scratch = try ScratchFolder()
    let index = try #require(Data(base64Encoded: Self.index))
    let shard = try #require(Data(base64Encoded: Self.shard))
    _ = try scratch.write(Array(index), "index.json")
    _ = try scratch.write(Array(shard), "shard.00000.mds.zstd")
    let unit = CorpusUnit(path: scratch.path, name: "d", format: .mds)
    #expect(try BinaryCorpora.units(for: unit, options: CorpusOptions()).kind == .document)
    let reading = try BinaryReading(unit, kind: .document)
    #expect(reading.bad.isEmpty)
    let documents = try reading.documents()
    #expect(documents.map(\.text) == ["héllo\n", ""])
    #expect(
      documents.map(\.metadata) == [
        #"{"arr":[[1,2]],"id":"a","n":-3,"v":1.5}"#, #"{"arr":[9],"id":"b","n":4,"v":0.1}"#,
      ])
    let (prefixes, _) = try beHostile(Array(shard), flips: 300, seed: 15) {
      _ = try scratch.write($0, "shard.00000.mds.zstd")
      return try BinaryReading(unit, kind: .document)
    }
    #expect(prefixes == shard.count)
  }
}
