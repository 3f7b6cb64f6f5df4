import COpenBLAS
import Foundation

/// Products of float32 matrices, by OpenBLAS.
enum MatrixProduct {
  /// `result = inputs x weights^T`.
  ///
  /// - Parameter inputs: [tokens, columns].
  /// - Parameter weights: [rows, columns].
  /// - Parameter result: [tokens, rows].
  static func multiply(
    inputs: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    result: UnsafeMutablePointer<Float>, tokens: Int, rows: Int, columns: Int, threads: Int
  ) {
    _ = selectedProcessor
    openblas_set_num_threads(Int32(clamping: threads))
    if tokens == 1 {
      // One pass over the weights; the general product would copy them first.
      cblas_sgemv(
        CblasRowMajor, CblasNoTrans, Int32(rows), Int32(columns), 1, weights, Int32(columns),
        inputs, 1, 0, result, 1)
    } else {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(tokens), Int32(rows), Int32(columns), 1,
        inputs, Int32(columns), weights, Int32(columns), 0, result, Int32(rows))
    }
  }

  /// The processor that OpenBLAS computes for. Releases older than a processor take it for a
  /// very old one (0.3.21 runs SSE3 code on Intel's 2023 servers, a quarter of the speed), so
  /// where the processor can do more, OpenBLAS is told to choose again, once, before its first
  /// product. A choice of the user's (OPENBLAS_CORETYPE) stands.
  static let selectedProcessor: String = {
    let chosen = String(cString: openblas_get_corename())
    let outdated = ["Prescott", "Core2", "Penryn", "Nehalem", "Generic"]
    guard outdated.contains(chosen), getenv("OPENBLAS_CORETYPE") == nil,
      let better = processorAtHand
    else { return chosen }
    typealias Step = @convention(c) () -> Void
    guard let all = dlopen(nil, RTLD_NOW), let quit = dlsym(all, "gotoblas_dynamic_quit"),
      let start = dlsym(all, "gotoblas_dynamic_init")
    else { return chosen }
    setenv("OPENBLAS_CORETYPE", better, 1)
    unsafeBitCast(quit, to: Step.self)()
    unsafeBitCast(start, to: Step.self)()
    unsetenv("OPENBLAS_CORETYPE")
    return String(cString: openblas_get_corename())
  }()

  /// The newest of OpenBLAS's processor names whose instructions this machine has.
  private static var processorAtHand: String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
    else { return nil }
    let flags = Set(line.split(separator: " "))
    if flags.isSuperset(of: ["avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"]) {
      return "SkylakeX"
    }
    return flags.isSuperset(of: ["avx2", "fma"]) ? "Haswell" : nil
  }
}
