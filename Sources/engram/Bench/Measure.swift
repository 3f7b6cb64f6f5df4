import Foundation

/// Timing for benchmarks: several candidates in turn, round after round, so that a machine that
/// slows down slows all of them; the median of each is what counts.
enum Measure {
  /// One thing to time.
  struct Candidate {
    var name: String
    var body: () throws -> Void
  }

  /// Median seconds of each candidate, after one round that is not counted.
  static func medians(_ candidates: [Candidate], rounds: Int) throws -> [Double] {
    var times = [[Double]](repeating: [], count: candidates.count)
    for round in 0...rounds {
      for index in candidates.indices {
        let seconds = try seconds(candidates[index].body)
        if round > 0 { times[index].append(seconds) }
      }
    }
    return times.map(median)
  }

  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard let middle = sorted.indices.dropFirst(sorted.count / 2).first else { return .nan }
    return sorted.count % 2 == 1
      ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  /// Memory of this process that no other can share and no file backs, in bytes.
  static func privateBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon:") }),
      let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return 0 }
    return kilobytes * 1024
  }

  /// Flushes what is left to write, and waits. On virtual machines that give freed memory back to
  /// their host, memory that was freed a moment ago is much cheaper to write to than any other:
  /// whoever comes first after a removal would win by that alone.
  static func settle() {
    sync()
    sleep(5)
  }

  /// Takes a file's pages out of the page cache; they must be on the disk and mapped by nobody.
  static func dropFromCache(_ path: String) {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    fsync(descriptor)
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
  }
}

/// Programs that a benchmark runs.
enum ChildProcess {
  struct Result {
    var status: Int32
    var output: String
    var seconds: Double
    /// The most memory it had at once, shared pages counted, in bytes.
    var peakBytes: Int
  }

  /// The path of the program that runs here.
  static var ownPath: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
  }

  /// Starts a program; its errors pass through.
  ///
  /// - Parameter hasOwnGroup: Ctrl-C reaches this process alone, which has to end the child.
  /// - Returns: the process, and a descriptor that its standard output is read from, to be closed.
  static func start(
    _ arguments: [String], environment: [String: String] = [:], hasOwnGroup: Bool = false
  ) throws -> (process: pid_t, output: Int32) {
    var descriptors: [Int32] = [0, 0]
    guard pipe(&descriptors) == 0 else { throw CommandError("cannot make a pipe") }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, descriptors[1], STDOUT_FILENO)
    posix_spawn_file_actions_addclose(&actions, descriptors[0])
    posix_spawn_file_actions_addclose(&actions, descriptors[1])
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    if hasOwnGroup { posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP)) }
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var settings: [UnsafeMutablePointer<CChar>?] =
      variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + settings { free(word) } }
    var process: pid_t = 0
    let code = posix_spawnp(&process, arguments[0], &actions, &attributes, &words, &settings)
    close(descriptors[1])
    guard code == 0 else {
      close(descriptors[0])
      throw CommandError("cannot run \(arguments[0]): \(String(cString: strerror(code)))")
    }
    return (process, descriptors[0])
  }

  /// Runs a program to its end; its standard output is returned, its errors pass through.
  static func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Result {
    let start = DispatchTime.now().uptimeNanoseconds
    let (process, descriptor) = try Self.start(arguments, environment: environment)
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count <= 0 { break }
      output.append(contentsOf: buffer[..<count])
    }
    close(descriptor)
    var status: Int32 = 0
    var usage = rusage()
    wait4(process, &status, 0, &usage)
    return Result(
      status: status, output: String(decoding: output, as: UTF8.self),
      seconds: Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9,
      peakBytes: usage.ru_maxrss * 1024)
  }
}
