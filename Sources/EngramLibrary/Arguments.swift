import CEngram

/// The C text of an argument.
///
/// - Throws: `LibraryError.null`, `.notUTF8`.
func text(_ pointer: UnsafePointer<CChar>?, _ name: String) throws -> String {
  guard let pointer else { throw LibraryError.null(name) }
  guard let text = String(validatingCString: pointer) else { throw LibraryError.notUTF8(name) }
  return text
}

/// A pointer that must be there.
///
/// - Throws: `LibraryError.null`.
func given<Pointer>(_ pointer: Pointer?, _ name: String) throws -> Pointer {
  guard let pointer else { throw LibraryError.null(name) }
  return pointer
}

/// The elements of an argument, of which NULL is fine where there are none.
///
/// - Throws: `LibraryError.null`; `.badNumber` where no memory has so many.
func elements<Element>(
  _ pointer: UnsafePointer<Element>?, _ count: Int, _ name: String
) throws -> UnsafeBufferPointer<Element> {
  try check(count, of: Element.self, name)
  guard count > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
  return UnsafeBufferPointer(start: try given(pointer, name), count: count)
}

/// The places for results, of which NULL is fine where there are none.
///
/// - Throws: as above.
func places<Element>(
  _ pointer: UnsafeMutablePointer<Element>?, _ count: Int, _ name: String
) throws -> UnsafeMutableBufferPointer<Element> {
  try check(count, of: Element.self, name)
  guard count > 0 else { return UnsafeMutableBufferPointer(start: nil, count: 0) }
  return UnsafeMutableBufferPointer(start: try given(pointer, name), count: count)
}

private func check<Element>(_ count: Int, of type: Element.Type, _ name: String) throws {
  let most = Int.max / MemoryLayout<Element>.stride
  guard (0...most).contains(count) else {
    throw LibraryError.badNumber(
      name: "the count of \(name)", found: Int64(count), expected: "0 to \(most)")
  }
}

/// Gives a text to the caller, who gives it back with `engram_text_free`.
func give(_ bytes: some Collection<UInt8>, to text: UnsafeMutablePointer<engram_text>) {
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
  for (index, byte) in bytes.enumerated() { copy[index] = CChar(bitPattern: byte) }
  copy[bytes.count] = 0
  text.pointee = engram_text(bytes: copy, count: bytes.count)
}

/// Writes a text and a zero byte to a field of a C structure; what has no room is cut off.
func put<Field>(_ text: String, into field: inout Field) {
  withUnsafeMutableBytes(of: &field) { memory in
    let bytes = text.utf8.prefix(memory.count - 1)
    for index in memory.indices { memory[index] = 0 }
    for (index, byte) in bytes.enumerated() { memory[index] = byte }
  }
}
