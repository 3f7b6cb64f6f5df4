/// Any member of a JSON object, by name.
package struct MemberName: CodingKey {
  package let stringValue: String
  package var intValue: Int? { nil }
  package init(stringValue: String) { self.stringValue = stringValue }
  package init?(intValue: Int) { nil }
}

extension Decoder {
  /// Refuses an object that has members other than these: a misspelt one would go unseen.
  ///
  /// - Throws: `RequestError.unknownMember`; `DecodingError` where this is no object.
  package func refuseMembers<Keys: CodingKey & CaseIterable>(besides keys: Keys.Type) throws {
    let known = keys.allCases.map(\.stringValue)
    let found = try container(keyedBy: MemberName.self).allKeys.map(\.stringValue).sorted()
    if let unknown = found.first(where: { !known.contains($0) }) {
      throw RequestError.unknownMember(name: String(unknown.prefix(64)), known: known)
    }
  }
}
