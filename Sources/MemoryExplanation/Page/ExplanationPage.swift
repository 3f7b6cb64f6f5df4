import Digests
import Files
import Foundation

/// An explanation as one page for a browser, which needs no other file and no network.
///
/// What the explanation says is hostile: texts and passages come from anywhere. It stands in the page
/// as JSON in which no character can end the element around it, the script puts it on the screen as
/// text and never as markup, and the page's own policy lets no other script run.
public struct ExplanationPage: Sendable {
  private let explanation: Explanation

  /// A page of an explanation.
  public init(_ explanation: Explanation) { self.explanation = explanation }

  /// Writes the page; the file appears when it is whole.
  ///
  /// - Throws: `FileError`; what stood there before is untouched then.
  public func write(to path: String) throws { try DurableFile.write(try html(), to: path) }

  /// The page.
  public func html() throws -> String {
    let script = "\n" + PageScript.text + "\n"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(Self.policy(for: script))">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="referrer" content="no-referrer">
      <title>\(Self.escaped(explanation.memory.table)) · engram explain</title>
      <style>
      \(PageStyle.text)
      </style>
      </head>
      <body>
      \(PageMarkup.text)
      <script type="application/json" id="explanation">\(try Self.json(explanation))</script>
      <script>\(script)</script>
      </body>
      </html>

      """
  }

  /// JSON that may stand in a script element: no character of it means anything to HTML.
  static func json(_ explanation: Explanation) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    var result: [UInt8] = []
    for scalar in String(decoding: try encoder.encode(explanation), as: UTF8.self).unicodeScalars {
      switch scalar {
      case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{7F}"..."\u{9F}":
        let digits = String(scalar.value, radix: 16)
        result += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
      default: result += Array(UTF8.encode(scalar)!)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\"": result += "&quot;"
      case "\u{2028}", "\u{2029}": result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Nothing is loaded, and of scripts only ours runs.
  private static func policy(for script: String) -> String {
    let digest = Data(SHA256Digest(of: script).bytes).base64EncodedString()
    return "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-\(digest)'; "
      + "base-uri 'none'; form-action 'none'"
  }
}
