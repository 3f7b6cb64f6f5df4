import Addressing
import Foundation
import MemoryTraining

/// How much memory a run of such a size works in; rows lie in a file and do not count.
struct TrainingMemory {
  let options: TrainingOptions
  let addressing: Addressing?
  let vocabulary: Int

  /// Bytes, about.
  var bytes: Double {
    let (batch, width) = (Double(options.batch), Double(options.width))
    let inputs = Double(addressing.map { $0.columns / $0.heads * options.dimension } ?? 0)
    let branches = addressing == nil ? 1 : Double(options.branches)
    let projections = (branches + 1) * width
    let parameters = projections * (inputs + 4)
    let host = Double(vocabulary) * (2 * width + 3)
    let pass = batch * (projections * 2 + branches * width * 6 + inputs * 2 + width * 2)
    let candidates = min(batch + Double(options.negatives), Double(vocabulary))
    let softmax = candidates * (batch + width * 2)
    return 4 * (host + 5 * parameters + Double(options.threads) * (pass + softmax + 2 * parameters))
  }

  /// Throws where this machine has less: it would end the process, or another one.
  func check() throws {
    let most = Double(ProcessInfo.processInfo.physicalMemory)
    guard bytes > most * 0.8 else { return }
    throw CommandError(
      "a run of this size works in \(ByteCount.text(bytes)) of memory, this machine has "
        + ByteCount.text(most),
      hint: "give a smaller --width, --branches, --dim, --batch or --threads")
  }
}
