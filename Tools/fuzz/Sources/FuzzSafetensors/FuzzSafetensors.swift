import FuzzDriver
import Safetensors

/// Opens the fuzzer's bytes as a safetensors file. They are refused with an error of one line, or
/// everything the file then says about itself is true; anything else is a crash to be found.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSafetensors(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  do {
    let file = try SafetensorsFile(bytes: bytes, name: "fuzz")
    var end = 8 + file.headerByteCount
    for tensor in file.tensors {
      precondition(tensor.range.lowerBound == end, "a hole or an overlap")
      precondition(
        tensor.shape.reduce(tensor.type.byteCount, *) == tensor.byteCount, "a wrong size")
      precondition(file[tensor.name] == tensor, "a tensor that its name does not find")
      precondition(
        file.withUnsafeBytes(of: tensor) { $0.count } == tensor.byteCount, "missing bytes")
      if [.f64, .f32, .f16, .bf16].contains(tensor.type) {
        let floats = try file.floats(of: tensor.name)
        precondition(floats.count == tensor.elementCount, "missing numbers")
      }
      end = tensor.range.upperBound
    }
    precondition(end == bytes.count, "bytes that belong to no tensor")
  } catch {
    precondition(!"\(error)".isEmpty && !"\(error)".contains("\n"), "not one line")
  }
  return 0
}

/// The program's entry.
@_cdecl("FuzzSafetensors_main")
public func fuzzSafetensorsMain(_ count: CInt, _ arguments: UnsafeMutableRawPointer?) -> CInt {
  fuzz(count, arguments, fuzzSafetensors)
}
