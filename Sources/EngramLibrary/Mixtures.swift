// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

// The names are those of engram.h, which also documents these functions.
import CEngram
import SampleOrder

/// A mixture of datasets.
final class OpenMixture: Handled {
  static var kind: HandleKind { .mixture }

  let mixture: Mixture

  init(_ mixture: Mixture) { self.mixture = mixture }
}

@c @implementation
public func engram_mixture_open(
  _ counts: UnsafePointer<Int64>?, _ weights: UnsafePointer<Double>?, _ datasets: Int,
  _ seed: UInt64, _ block: Int64, _ mixture: UnsafeMutablePointer<engram_mixture>?
) -> engram_status {
  answering {
    let mixture = try given(mixture, "mixture")
    let counts = try elements(counts, datasets, "counts").map { Int($0) }
    if let bad = counts.first(where: { $0 < 0 }) {
      throw LibraryError.badNumber(name: "a count", found: Int64(bad), expected: "0 or more")
    }
    let weights = Array(try elements(weights, datasets, "weights"))
    let made =
      block == 0
      ? try Mixture(counts: counts, weights: weights, seed: seed)
      : try Mixture(counts: counts, weights: weights, seed: seed, block: Int(block))
    mixture.pointee = Handles.add(OpenMixture(made))
  }
}

@c @implementation
public func engram_mixture_close(_ mixture: engram_mixture) -> engram_status {
  answering { try Handles.close(mixture, OpenMixture.self) }
}

@c @implementation
public func engram_mixture_draw(
  _ mixture: engram_mixture, _ first: Int64, _ step: Int64, _ count: Int,
  _ datasets: UnsafeMutablePointer<Int64>?, _ epochs: UnsafeMutablePointer<Int64>?,
  _ positions: UnsafeMutablePointer<Int64>?
) -> engram_status {
  answering {
    let mixture = try Handles.get(mixture, OpenMixture.self).mixture
    let datasets = try places(datasets, count, "datasets")
    let epochs = try places(epochs, count, "epochs")
    let positions = try places(positions, count, "positions")
    guard count > 0 else { return }
    let (span, overflow) = Int(step).multipliedReportingOverflow(by: count - 1)
    let (last, beyond) = Int(first).addingReportingOverflow(span)
    guard first >= 0, step >= 1, !overflow, !beyond, last < 1 << 62 else {
      throw SampleOrderError.noSuchPosition(
        first < 0 ? Int(first) : overflow || beyond ? .max : last, range: 0...(1 << 62 - 1))
    }
    func put(_ draw: Mixture.Draw, at index: Int) {
      datasets[index] = Int64(draw.dataset)
      epochs[index] = Int64(draw.epoch)
      positions[index] = Int64(draw.position)
    }
    if step == 1 {
      for (index, draw) in mixture.draws(at: Int(first)..<last + 1).enumerated() {
        put(draw, at: index)
      }
    } else {
      for index in 0..<count { put(mixture[Int(first) + index * Int(step)], at: index) }
    }
  }
}
