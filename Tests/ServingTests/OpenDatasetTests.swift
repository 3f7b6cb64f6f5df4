import Dispatch
import Serving
import Synchronization
import TestStores
import Testing

@Suite struct OpenDatasetTests {
  @Test func threadsReadWithReadersOfTheirOwn() throws {
    let made = try ServedStore()
    let dataset = try OpenDataset("bytes", in: LiveStore(path: made.path).now())
    let wrong = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      for step in 0..<100 {
        let number = (worker * 37 + step * 11) % ServedStore.samples
        let numbers = [Int64(number), Int64(step)]
        let expected = ServedStore.bytes(of: number) + ServedStore.bytes(of: step)
        var out = [UInt8](repeating: 0, count: expected.count)
        var offsets: [UInt64] = [0, 0, 0]
        let isRead =
          (try? numbers.withUnsafeBufferPointer { numbers in
            try out.withUnsafeMutableBytes { out in
              try offsets.withUnsafeMutableBufferPointer {
                try dataset.read(numbers, into: out, offsets: $0)
              }
            }
          }) != nil
        if !isRead || out != expected { wrong.add(1, ordering: .relaxed) }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }
}
