import COpenBLAS
import Foundation

/// Products of float32 matrices, by OpenBLAS.
package enum MatrixProduct {
  /// Sets on how many threads every later product of this process runs. Callers that run products
  /// on several threads of their own set 1 first.
  package static func useThreads(_ threads: Int) {
    _ = selectedProcessor
    openblas_set_num_threads(Int32(clamping: threads))
  }

  /// `c = a b`, or `c += a b`, with either factor transposed first: a is [rows, inner] (stored as
  /// [inner, rows] if `transposed`), b is [inner, columns] (stored as [columns, inner]), c is
  /// [rows, columns]. All are dense and row-major. Runs on the threads that `useThreads` set.
  ///
  /// - Parameter accumulate: adds to c; else c need not hold numbers.
  /// - Complexity: 2 x rows x columns x inner operations.
  package static func product(
    _ a: UnsafePointer<Float>, transposed aTransposed: Bool, _ b: UnsafePointer<Float>,
    transposed bTransposed: Bool, rows: Int, columns: Int, inner: Int, accumulate: Bool = false,
    into c: UnsafeMutablePointer<Float>
  ) {
    _ = selectedProcessor
    guard rows > 0, columns > 0 else { return }
    cblas_sgemm(
      CblasRowMajor, aTransposed ? CblasTrans : CblasNoTrans,
      bTransposed ? CblasTrans : CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1, a,
      Int32(max(1, aTransposed ? rows : inner)), b, Int32(max(1, bTransposed ? inner : columns)),
      accumulate ? 1 : 0, c, Int32(columns))
  }

  /// `result = inputs x weights^T`.
  ///
  /// - Parameter inputs: [tokens, columns].
  /// - Parameter weights: [rows, columns].
  /// - Parameter result: [tokens, rows].
  static func multiply(
    inputs: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    result: UnsafeMutablePointer<Float>, tokens: Int, rows: Int, columns: Int, threads: Int
  ) {
    useThreads(threads)
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
  package static let selectedProcessor: String = {
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
