// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

// The names are those of engram.h, which also documents these functions.
import CEngram
import Serving

@c @implementation
public func engram_abi_version() -> Int32 { ENGRAM_ABI_VERSION }

private let release = StaticText(Release.version)

@c @implementation
public func engram_version() -> UnsafePointer<CChar> { release.pointer }

@c @implementation
public func engram_text_free(_ text: UnsafeMutablePointer<engram_text>?) {
  guard let text, let bytes = text.pointee.bytes else { return }
  bytes.deallocate()
  text.pointee = engram_text(bytes: nil, count: 0)
}

/// A C text that lives as long as the process.
private struct StaticText: @unchecked Sendable {
  // Never written after it is made.
  let pointer: UnsafePointer<CChar>

  init(_ text: String) {
    let bytes = Array(text.utf8CString)
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    copy.initialize(from: bytes, count: bytes.count)
    pointer = UnsafePointer(copy)
  }
}
