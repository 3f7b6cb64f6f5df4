import Questions
import Terms

extension SearchAnswer {
  /// Where words of the question stand in a passage's text: byte ranges of its UTF-8, in order.
  public func matches(of question: Question, in text: String, hit: SearchHit) -> [Range<Int>] {
    let analyzer = indexes[hit.index].analyzer
    let wanted = Set(analyzer.terms(of: question.text))
    return analyzer.places(in: text).filter { wanted.contains($0.term) }.map(\.range)
  }
}
