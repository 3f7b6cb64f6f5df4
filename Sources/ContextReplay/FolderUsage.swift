import Files
import Foundation

/// What a folder takes on its disk.
public enum FolderUsage {
  /// Bytes of the blocks that its files and folders take, as `du` counts them. What goes away meanwhile
  /// is not counted.
  public static func bytes(of path: String) -> Int {
    var status = stat()
    guard lstat(path, &status) == 0 else { return 0 }
    var total = Int(status.st_blocks) * 512
    guard status.st_mode & S_IFMT == S_IFDIR else { return total }
    for name in (try? DurableFile.names(in: path)) ?? [] { total += bytes(of: path + "/" + name) }
    return total
  }
}
