// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

// The names are those of engram.h, which also documents these functions.
import CEngram
import Datasets
import Retrieval
import Serving
import Tokenization

/// An index, open for questions.
final class OpenIndex: Handled {
  static var kind: HandleKind { .index }

  let index: SearchIndex
  let tokenizer: Tokenizer?
  let summary: IndexSummary

  init(_ index: SearchIndex, tokenizer: Tokenizer?, summary: IndexSummary) {
    self.index = index
    self.tokenizer = tokenizer
    self.summary = summary
  }
}

@c @implementation
public func engram_index_open(
  _ store: engram_store, _ reference: UnsafePointer<CChar>?, _ tokenizer: UnsafePointer<CChar>?,
  _ index: UnsafeMutablePointer<engram_index>?
) -> engram_status {
  answering {
    let index = try given(index, "index")
    let reference = try DatasetReference(parsing: text(reference, "reference"))
    let store = try Handles.get(store, LiveStore.self).now()
    let tokenizer = try tokenizer.map { try Tokenizer(path: text($0, "tokenizer")) }
    let opened = try SearchIndex(reference, in: store, tokenizer: tokenizer)
    index.pointee = Handles.add(
      OpenIndex(
        opened, tokenizer: tokenizer, summary: try IndexSummary(opened.published, in: store)))
  }
}

@c @implementation
public func engram_index_close(_ index: engram_index) -> engram_status {
  answering { try Handles.close(index, OpenIndex.self) }
}

@c @implementation
public func engram_index_describe(
  _ index: engram_index, _ json: UnsafeMutablePointer<engram_text>?
) -> engram_status {
  answering {
    let json = try given(json, "json")
    give(try JSONBody.encode(Handles.get(index, OpenIndex.self).summary), to: json)
  }
}

@c @implementation
public func engram_query(
  _ indexes: UnsafePointer<engram_index>?, _ count: Int, _ request: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<engram_text>?
) -> engram_status {
  answering {
    let json = try given(json, "json")
    let opened = try elements(indexes, count, "indexes").map {
      try Handles.get($0, OpenIndex.self)
    }
    guard let first = opened.first else {
      throw LibraryError.badNumber(name: "count", found: 0, expected: "1 or more")
    }
    let body = try QuestionBody(json: text(request, "request").utf8)
    let answer = try QuestionAnswer(
      body, search: Search(opened.map(\.index)), tokenizer: first.tokenizer)
    give(try JSONBody.encode(answer), to: json)
  }
}
