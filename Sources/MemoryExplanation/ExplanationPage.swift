import Files
import Foundation

/// An explanation as one page for a browser, which needs no other file and no network.
public struct ExplanationPage: Sendable {
  private let explanation: Explanation

  /// A page of an explanation.
  public init(_ explanation: Explanation) { self.explanation = explanation }

  /// The page.
  public func html() throws -> String { "" }

  /// Writes the page; the file appears when it is whole.
  public func write(to path: String) throws { try DurableFile.write(try html(), to: path) }
}
