import Bitsets
import MetadataColumns
import PassageIndex
import Questions

/// Which passages of each segment may be answers: those of the version, of documents that meet the
/// conditions, that hold the phrases.
struct SearchScope {
  /// By index and segment; all where `nil`.
  private(set) var allowed: [[Bitset?]] = []

  /// - Throws: `RetrievalError.unknownField` where no document of any index has a field.
  init(_ request: SearchRequest, in indexes: [SearchIndex]) throws {
    // Names of fields are put together only where somebody asks for one.
    let fields = indexes.map { request.conditions.isEmpty ? [] : Set($0.fields) }
    for condition in request.conditions
    where !fields.contains(where: { $0.contains(Self.field(condition, in: $0)) }) {
      throw RetrievalError.unknownField(
        name: condition.field, available: Set(fields.joined()).sorted())
    }
    for (index, fields) in zip(indexes, fields) {
      let conditions = request.conditions.map { condition in
        var condition = condition
        condition.field = Self.field(condition, in: fields)
        return condition
      }
      let phrases = request.question.phrases.map { index.analyzer.terms(of: $0) }
        .filter { !$0.isEmpty }
      allowed.append(
        try index.segments.map { try Self.allowed($0, conditions, phrases) })
    }
  }

  /// Documents have a path by one name or another: `path` is the `id` where there is no such field.
  private static func field(_ condition: Condition, in fields: Set<String>) -> String {
    condition.field == "path" && !fields.contains("path") ? "id" : condition.field
  }

  private static func allowed(
    _ segment: SearchSegment, _ conditions: [Condition], _ phrases: [[[UInt8]]]
  ) throws -> Bitset? {
    var allowed = segment.alive
    func restrict(to set: Bitset) {
      if allowed == nil { allowed = set } else { allowed!.formIntersection(set) }
    }
    if !conditions.isEmpty {
      let documents = try segment.segment.metadata.documents(matching: conditions)
      var passages = Bitset(count: segment.segment.description.passages)
      documents.forEach {
        passages.insert(contentsOf: segment.segment.passages(ofDocument: $0))
      }
      restrict(to: passages)
    }
    for phrase in phrases {
      restrict(to: try segment.segment.passages(holding: phrase))
    }
    return allowed
  }
}
