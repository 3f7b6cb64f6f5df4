import Foundation
import FuzzDriver
import Safetensors

/// Reads the fuzzer's bytes as the model.safetensors.index.json of a folder with two good files. It is
/// refused in one line, or every tensor that it names is in one of them.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFolder(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  write(bytes, "model.safetensors.index.json")
  do throws(SafetensorsError) {
    let opened = try SafetensorsFolder(path: folder)
    for name in opened.names {
      guard let found = opened[name] else { preconditionFailure("a name without a tensor") }
      precondition(found.file.path.hasPrefix(folder + "/"), "outside of the folder")
      precondition(!found.file.path.dropFirst(folder.count + 1).contains("/"), "below the folder")
      found.file.withUnsafeBytes(of: found.tensor) { _ = $0.reduce(0, &+) }
    }
  } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
  }
  return 0
}

/// In memory, with files whose tensors are `a`, `b` and `c`.
private let folder: String = {
  let path = "/dev/shm/engram-fuzz-folder-\(getpid())"
  mkdir(path, 0o777)
  for (file, header) in [
    ("one.safetensors", #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#),
    (
      "two.safetensors",
      #"{"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""c":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#
    ),
  ] {
    let size = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    (size + Array(header.utf8) + [7, 8]).withUnsafeBytes { write($0, to: path + "/" + file) }
  }
  return path
}()

private func write(_ bytes: UnsafeRawBufferPointer, _ name: String) {
  write(bytes, to: folder + "/" + name)
}

private func write(_ bytes: UnsafeRawBufferPointer, to path: String) {
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(file >= 0 && Foundation.write(file, bytes.baseAddress, bytes.count) == bytes.count)
  close(file)
}

/// The program's entry.
@_cdecl("FuzzFolder_main")
public func fuzzFolderMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzFolder)
}
