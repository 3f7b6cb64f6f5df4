extension SafetensorsFile {
  /// Reads a tensor of floating-point numbers as float32, in order.
  ///
  /// - Parameter shape: the shape it must have; `nil` takes any.
  /// - Returns: `elementCount` numbers; F64 is rounded to nearest, the other types are exact.
  /// - Throws: `SafetensorsError.noSuchTensor`, and `.unexpectedTensor` for another shape or a
  ///   type other than F64, F32, F16 and BF16.
  public func floats(
    of name: String, shape: [Int]? = nil
  ) throws(SafetensorsError) -> [Float] {
    let tensor = try tensor(named: name)
    if let shape, shape != tensor.shape {
      throw .unexpectedTensor(
        file: path, tensor: name, found: "\(tensor.shape)", expected: "\(shape)")
    }
    switch tensor.type {
    case .f32: return elements(of: tensor, as: UInt32.self) { Float(bitPattern: $0) }
    case .f64: return elements(of: tensor, as: UInt64.self) { Float(Double(bitPattern: $0)) }
    case .f16: return elements(of: tensor, as: UInt16.self) { Float(Float16(bitPattern: $0)) }
    case .bf16: return elements(of: tensor, as: UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    default:
      throw .unexpectedTensor(
        file: path, tensor: name, found: tensor.type.rawValue, expected: "F32, F64, F16 or BF16")
    }
  }

  /// Reads an F64 tensor as it is.
  ///
  /// - Throws: `SafetensorsError.noSuchTensor`, `.unexpectedTensor`.
  public func doubles(of name: String) throws(SafetensorsError) -> [Double] {
    let tensor = try tensor(named: name)
    guard tensor.type == .f64 else {
      throw .unexpectedTensor(
        file: path, tensor: name, found: tensor.type.rawValue, expected: "F64")
    }
    return elements(of: tensor, as: UInt64.self) { Double(bitPattern: $0) }
  }

  private func elements<Bits: FixedWidthInteger & BitwiseCopyable, Element>(
    of tensor: TensorDescription, as: Bits.Type, _ convert: (Bits) -> Element
  ) -> [Element] {
    unsafe withUnsafeBytes(of: tensor) { bytes in
      unsafe Array(unsafeUninitializedCapacity: tensor.elementCount) { buffer, count in
        for index in 0..<tensor.elementCount {
          let bits = unsafe bytes.loadUnaligned(
            fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self)
          unsafe buffer.initializeElement(at: index, to: convert(Bits(littleEndian: bits)))
        }
        count = tensor.elementCount
      }
    }
  }
}
