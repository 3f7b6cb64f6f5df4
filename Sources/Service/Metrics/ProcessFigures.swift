import Foundation

/// What the system says of this process; what it does not say is `nil`.
struct ProcessFigures: Sendable {
  /// Bytes in memory, those of mapped files included.
  var residentBytes: Int?
  /// Those of them that belong to no file.
  var privateBytes: Int?
  /// Open files and sockets.
  var descriptors: Int?
  /// How many there may be.
  var mostDescriptors: Int?
  /// Time on processors, in seconds.
  var processorSeconds: Double

  /// Asks now.
  init() {
    let fields = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    residentBytes = Self.bytes(of: "VmRSS:", in: fields)
    privateBytes = Self.bytes(of: "RssAnon:", in: fields)
    // One of them is the folder that is being read.
    descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")).map {
      max(0, $0.count - 1)
    }
    var limit = rlimit()
    if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
      mostDescriptors = Int(clamping: limit.rlim_cur)
    }
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    processorSeconds = Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime)
  }

  private static func bytes(of field: String, in text: String) -> Int? {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(field) }) else {
      return nil
    }
    return line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first
      .flatMap { Int($0) }.map { $0 * 1024 }
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) / 1e6
  }
}
