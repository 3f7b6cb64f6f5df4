import Foundation

/// Files and sockets that the process may have open at once.
public enum DescriptorLimit {
  /// What is kept for the store's files and the service itself.
  static let reserve = 512

  /// Raises the limit to the most that the system grants this process.
  ///
  /// - Returns: how many there may be now.
  public static func raise() -> Int {
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return 1024 }
    if limit.rlim_cur < limit.rlim_max {
      var raised = limit
      raised.rlim_cur = raised.rlim_max
      if setrlimit(resource, &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// How many connections `descriptors` allow, of those that are wished for; at least one.
  public static func connections(wished: Int, descriptors: Int) -> Int {
    max(1, min(wished, descriptors - reserve))
  }
}
