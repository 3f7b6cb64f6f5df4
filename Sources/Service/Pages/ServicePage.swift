import Digests
import Foundation

/// The page for people: tables, datasets, what goes on now, a box to ask and one to explain. It needs
/// no other file and asks nobody but its own service; it holds nothing of the store, which its script
/// asks for with the token.
enum ServicePage {
  /// The page.
  static let html = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Engram Store</title>
    <link rel="icon" href="data:,">
    <style>\(PageStyle.text)</style>
    </head>
    <body>
    \(PageMarkup.text)
    <script>\(PageScript.text)</script>
    </body>
    </html>

    """

  /// What a browser lets it do: its own style and script, known by their digests, and requests to
  /// where it came from.
  static let policy =
    "default-src 'none'; connect-src 'self'; img-src data:; "
    + "script-src '\(digest(PageScript.text))'; style-src '\(digest(PageStyle.text))'; "
    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  private static func digest(_ text: String) -> String {
    "sha256-" + Data(SHA256Digest(of: text).bytes).base64EncodedString()
  }
}
