import Digests
import Testing

@Suite struct SHA256Tests {
  @Test func publishedVectors() {
    #expect(
      SHA256Digest(of: "abc").description
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      SHA256Digest(of: "").description
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func piecesEqualTheWhole() {
    var hasher = SHA256Hasher()
    hasher.update("ab")
    hasher.update("c")
    #expect(hasher.finalize() == SHA256Digest(of: "abc"))
    hasher.update("abc")
    #expect(hasher.finalize() == SHA256Digest(of: "abc"))
  }

  @Test func hexadecimalRoundTrip() {
    let digest = SHA256Digest(of: "row")
    #expect(SHA256Digest(hexadecimal: digest.description) == digest)
    #expect(SHA256Digest(hexadecimal: digest.description.uppercased()) == digest)
    #expect(SHA256Digest(hexadecimal: "12") == nil)
    #expect(SHA256Digest(hexadecimal: String(repeating: "g", count: 64)) == nil)
  }
}
