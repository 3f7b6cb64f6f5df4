import CArchive

/// The members of a tar, read by libarchive from bytes that are already decompressed.
///
/// libarchive's own filters are off. Tars that follow one another in a file are one; what is no tar
/// behind the first member, and a tar without the mark of its end, is an error.
final class TarArchive {
  /// A member, before its data.
  struct Member {
    /// Its name as it stands in the archive, bytes of any encoding.
    var name: [UInt8]
    var type: MemberType
    /// Bytes of data.
    var size: Int
    /// Where its head starts, in bytes from the start of the archive.
    var offset: Int
  }

  /// What a member is.
  enum MemberType {
    case file
    case folder
    case link
    case other
  }

  private let archive: OpaquePointer
  private let feed: TarFeed
  private let start: Int

  /// Opens an archive.
  ///
  /// - Parameter offset: a member's head, or where the first archive starts.
  init(_ bytes: ForwardBytes, at offset: Int) throws {
    guard let archive = archive_read_new() else { throw BinaryFault("libarchive has no memory") }
    self.archive = archive
    feed = TarFeed(bytes)
    start = offset
    try bytes.move(to: offset)
    archive_read_support_format_tar(archive)
    archive_read_support_format_empty(archive)
    archive_read_set_option(archive, "tar", "read_concatenated_archives", "1")
    archive_read_set_read_callback(archive) { _, feed, address in
      TarFeed.of(feed).read(address)
    }
    archive_read_set_skip_callback(archive) { _, feed, count in TarFeed.of(feed).skip(count) }
    archive_read_set_callback_data(archive, Unmanaged.passUnretained(feed).toOpaque())
    guard archive_read_open1(archive) == ARCHIVE_OK else {
      let fault = self.fault
      throw fault
    }
  }

  deinit { archive_read_free(archive) }

  /// The next member, `nil` behind the last.
  func next() throws -> Member? {
    var entry: OpaquePointer?
    // Warnings are about names that the locale does not know: they are taken as bytes.
    let result = archive_read_next_header(archive, &entry)
    if result == ARCHIVE_EOF {
      guard feed.endsWithMark else {
        throw BinaryFault(
          "it ends without the mark of an archive's end: it is cut off; copy the file again")
      }
      return nil
    }
    guard result == ARCHIVE_OK || result == ARCHIVE_WARN, let entry else { throw fault }
    guard let name = archive_entry_pathname(entry) else {
      throw BinaryFault("it has a member without a name")
    }
    let type: MemberType
    if archive_entry_hardlink(entry) != nil {
      type = .link
    } else {
      switch archive_entry_filetype(entry) & 0o170000 {
      case 0o100000: type = .file
      case 0o040000: type = .folder
      case 0o120000: type = .link
      default: type = .other
      }
    }
    let size = archive_entry_size(entry)
    guard size >= 0 else { throw BinaryFault("it has a member of \(size) bytes") }
    return Member(
      name: Array(UnsafeRawBufferPointer(start: name, count: Self.length(name))), type: type,
      size: Int(size), offset: start + Int(archive_read_header_position(archive)))
  }

  /// Appends the data of the member that came last.
  ///
  /// Memory grows with what is there, not with the size that the member claims.
  func readData(of member: Member, to bytes: inout [UInt8]) throws {
    var rest = member.size
    while rest > 0 {
      let step = min(rest, 1 << 20)
      var got = 0
      try bytes.append(upTo: step) {
        got = archive_read_data(archive, $0.baseAddress, step)
        guard got >= 0 else { throw fault }
        return got
      }
      guard got > 0 else { throw BinaryFault("it has a member that is cut off") }
      rest -= got
    }
  }

  private var fault: any Error {
    if let failure = feed.failure { return failure }
    let message = archive_error_string(archive).map { String(cString: $0) } ?? "unknown error"
    return BinaryFault("it is a damaged tar (\(oneLine(message.utf8))); copy the file again")
  }

  private static func length(_ text: UnsafePointer<CChar>) -> Int {
    var length = 0
    while text[length] != 0 { length += 1 }
    return length
  }
}
