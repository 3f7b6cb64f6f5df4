import ContextStore
import Testing

@testable import ContextReplay

@Suite struct SyntheticStateTests {
  private let layout = ContextLayout(
    blockTokens: 8,
    groups: [
      ContextGroup(name: "a", layers: 3, rowBytes: 40),
      ContextGroup(name: "b", layers: 2, rowBytes: 5, tokensPerRow: 4),
    ])
  private let keys = PromptKeys.keys(of: Array(0..<32), blockTokens: 8)[...]

  private func filled(_ group: Int, _ keys: ArraySlice<PromptKeys.Key>) -> [UInt8] {
    var bytes = [UInt8](
      repeating: 0, count: layout.bytesPerBlock(layout.groups[group]) * keys.count)
    bytes.withUnsafeMutableBytes { SyntheticState(layout).fill($0, group: group, keys: keys) }
    return bytes
  }

  private func differing(_ bytes: [UInt8], _ group: Int) -> Int {
    bytes.withUnsafeBytes { SyntheticState(layout).differingBlocks($0, group: group, keys: keys) }
  }

  @Test(arguments: [0, 1])
  func oneChangedByteIsSeen(group: Int) {
    let bytes = filled(group, keys)
    #expect(differing(bytes, group) == 0)
    for place in bytes.indices {
      var changed = bytes
      changed[place] ^= 1
      #expect(differing(changed, group) == 1)
    }
  }

  @Test func rowsOfOtherPlacesAreSeen() {
    let bytes = filled(0, keys)
    for other in stride(from: 40, to: bytes.count, by: 40) {
      var changed = bytes
      changed.replaceSubrange(0..<40, with: bytes[other..<(other + 40)])
      #expect(differing(changed, 0) == 1)
    }
  }

  @Test func aBlocksBytesDoNotDependOnItsNeighbours() {
    let all = filled(0, keys)
    let one = filled(0, keys[2...2])
    let perLayer = 8 * 40
    for layer in 0..<3 {
      let place = layer * 4 * perLayer + 2 * perLayer
      #expect(
        Array(all[place..<(place + perLayer)])
          == Array(one[(layer * perLayer)..<((layer + 1) * perLayer)]))
    }
  }
}
