import SeededRandom
import Testing
import VectorIndex

@Suite struct RankFusionTests {
  @Test func placesAddUp() {
    let fusion = ReciprocalRankFusion(k: 60, lexicalWeight: 1, denseWeight: 1, depth: 100)
    let fused = fusion.fuse(lexical: [7, 3, 9], dense: [3, 8])
    #expect(fused.map(\.id) == [3, 7, 8, 9])
    let one = Double(1 << 32)
    #expect(abs(Double(fused[0].score) / one - (1.0 / 62 + 1.0 / 61)) < 1e-8)
    #expect(abs(Double(fused[1].score) / one - 1.0 / 61) < 1e-8)
  }

  @Test func equalSumsAreInTheOrderOfIds() {
    let fusion = ReciprocalRankFusion(k: 10, lexicalWeight: 2, denseWeight: 2, depth: 100)
    #expect(fusion.fuse(lexical: [5, 1], dense: [1, 5]).map(\.id) == [1, 5])
    #expect(fusion.fuse(lexical: ["b"], dense: ["a"]).map(\.id) == ["a", "b"])
  }

  @Test func oneListKeepsItsOrder() {
    var generator = SeededGenerator(seed: 1)
    let list = Array(0..<100).shuffled(using: &generator)
    #expect(ReciprocalRankFusion.standard.fuse(lexical: list, dense: []).map(\.id) == list)
    #expect(ReciprocalRankFusion.standard.fuse(lexical: [], dense: list).map(\.id) == list)
  }

  @Test func repeatedAndDeepPlacesDoNotCount() {
    let fusion = ReciprocalRankFusion(k: 0, lexicalWeight: 1, denseWeight: 0, depth: 3)
    let fused = fusion.fuse(lexical: [4, 4, 4, 2], dense: [9])
    #expect(fused.map(\.id) == [4])
    #expect(fused[0].score == 1 << 32)
  }

  @Test func termsLeadByDefault() {
    // What vectors alone put first stays behind what terms found.
    let fused = ReciprocalRankFusion.standard.fuse(
      lexical: Array(0..<10), dense: [50, 9] + Array(60..<70))
    #expect(fused.prefix(1).map(\.id) == [0])
    #expect(Set(fused.prefix(10).map(\.id)) == Set(0..<10))
    #expect(fused[10].id == 50)
  }
}
