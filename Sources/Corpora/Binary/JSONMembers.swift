import StrictJSON

/// A JSON object read strictly, with its members' values as they were written.
struct JSONMembers {
  /// Names without escapes, values verbatim, in order.
  let members: [(name: [UInt8], value: JSONValue, json: [UInt8])]

  /// - Returns: `nil` and why, where the bytes are no object or name a member twice.
  static func read(_ bytes: [UInt8]) -> Result<JSONMembers, BinaryFault> {
    let document: JSONDocument
    do { document = try JSONDocument(bytes) } catch {
      return .failure(BinaryFault("is no JSON: \(error)"))
    }
    guard let values = document.root.members,
      let places = bytes.withUnsafeBytes({ JSONObjectScan.members(of: $0) })
    else { return .failure(BinaryFault("is no JSON object")) }
    var members: [(name: [UInt8], value: JSONValue, json: [UInt8])] = []
    var names: Set<[UInt8]> = []
    for (member, place) in zip(values, places) {
      let name = Array(member.name)
      guard names.insert(name).inserted else {
        return .failure(BinaryFault("has the member \(oneLine(name)) twice"))
      }
      members.append((name, member.value, Array(bytes[place.value])))
    }
    return .success(JSONMembers(members: members))
  }
}
