import StrictJSON

/// One line of JSON that must be an object without a member twice.
struct JSONObject {
  /// Why a line is no such object.
  struct Failure: Error, CustomStringConvertible { let description: String }

  /// The most bytes of a line: an N-gram's is far shorter.
  static let byteLimit = 1 << 20
  private let members: [(name: ArraySlice<UInt8>, value: JSONValue)]

  init(_ line: UnsafeRawBufferPointer) throws(Failure) {
    guard line.count <= Self.byteLimit else {
      throw Failure(description: "\(line.count) bytes, \(Self.byteLimit) are the most")
    }
    let document: JSONDocument
    do { document = try JSONDocument(Array(line)) } catch {
      throw Failure(description: "\(error)")
    }
    guard let members = document.root.members else {
      throw Failure(description: "no JSON object")
    }
    guard members.count <= 32 else { throw Failure(description: "\(members.count) members") }
    self.members = Array(members)
    for (index, member) in self.members.enumerated()
    where self.members[..<index].contains(where: { $0.name == member.name }) {
      throw Failure(description: "a member twice")
    }
  }

  /// The value of a member.
  subscript(name: String) -> JSONValue? {
    members.first { $0.name.elementsEqual(name.utf8) }?.value
  }
}
