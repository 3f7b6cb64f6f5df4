import Files
import Foundation

/// A small file system in memory, mounted for one test. Needs the right to mount.
public final class SmallDisk: Sendable {
  /// Where it is mounted.
  public let path: String
  private let scratch: ScratchFolder

  /// Whether this process may mount one.
  public static let isAvailable = (try? SmallDisk(size: "1m")) != nil

  /// Mounts one of such a size, as mount(8) spells it: `4m`.
  public init(size: String) throws {
    scratch = try ScratchFolder()
    path = scratch("disk")
    try DurableFile.createFolder(path)
    guard Self.run(["mount", "-t", "tmpfs", "-o", "size=\(size)", "none", path]) else {
      throw FileError(operation: "mount", path: path, code: EPERM)
    }
  }

  deinit { _ = Self.run(["umount", "-l", path]) }

  private static func run(_ command: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  private var free: Int {
    var status = statvfs()
    return statvfs(path, &status) == 0 ? Int(status.f_bavail) * Int(status.f_frsize) : 0
  }

  /// Takes up all space but so many bytes.
  public func fill(leaving rest: Int) {
    let descriptor = open(path + "/filler", O_WRONLY | O_CREAT, 0o666)
    defer { close(descriptor) }
    posix_fallocate(descriptor, 0, max(1, free - rest))
  }

  /// Gives back what was taken up.
  public func empty() throws { try DurableFile.remove(path + "/filler") }
}
