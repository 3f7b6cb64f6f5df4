import Files
import Foundation

/// A file, or a folder that is one source, as a walk found it.
struct FoundFile {
  var path: SystemPath
  /// The path below what was named.
  var name: String
  var format: FileFormat
  var size: Int
  var modified: Int
}

/// Walks a folder: every file below it once, by the paths' bytes.
///
/// Links to files are followed. Links to folders are, once all real folders were walked, where they
/// lead to one that was not: so no folder is read twice and no walk is endless. A link to a folder
/// that it lies in is a loop, and is reported.
struct FolderWalk {
  private let rules: SourceRules
  private(set) var files: [FoundFile] = []
  private(set) var leftOut: [String: Int] = [:]
  private(set) var bad: [BadRecord] = []

  private struct Identity: Hashable {
    let device: UInt
    let inode: UInt

    init(_ status: stat) {
      device = UInt(status.st_dev)
      inode = UInt(status.st_ino)
    }
  }

  private struct Folder {
    var path: SystemPath
    var name: String
    var identity: Identity
    /// Of the folders that it lies in.
    var above: [Identity]
  }

  private var walked: Set<Identity> = []
  private var waiting: [Folder] = []
  private var links: [Folder] = []

  init(_ rules: SourceRules) { self.rules = rules }

  /// Walks a folder that was named.
  mutating func walk(_ root: SystemPath, _ status: stat) {
    let identity = Identity(status)
    walked = [identity]
    waiting = [Folder(path: root, name: "", identity: identity, above: [])]
    links = []
    var nextLink = 0
    while true {
      while let folder = waiting.popLast() { visit(folder) }
      guard nextLink < links.count else { break }
      let link = links[nextLink]
      nextLink += 1
      if walked.insert(link.identity).inserted {
        waiting = [link]
      } else {
        leave("link to a folder that is read already")
      }
    }
    files.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private mutating func leave(_ reason: String) { leftOut[reason, default: 0] += 1 }

  private mutating func refuse(_ path: SystemPath, _ reason: String) {
    bad.append(BadRecord(path: path.text, reason: reason, endsUnit: true))
  }

  private mutating func visit(_ folder: Folder) {
    let names: [[UInt8]]
    do throws(FileError) { names = try folder.path.names() } catch {
      refuse(folder.path, "\(error)")
      return
    }
    if rules.takesFolders, names.contains(MDSFolder.index),
      let size = MDSFolder.size(of: folder.path, names)
    {
      let name = folder.name.isEmpty ? folder.path.lastName : Array(folder.name.utf8)
      files.append(
        FoundFile(
          path: folder.path, name: String(decoding: name, as: UTF8.self),
          format: FileFormat(.mds, .none), size: size, modified: 0))
      return
    }
    let siblings = Set(names)
    for name in names { visit(name, in: folder, siblings) }
  }

  private mutating func visit(_ name: [UInt8], in folder: Folder, _ siblings: Set<[UInt8]>) {
    let path = folder.path.appending(name)
    let text = String(decoding: name, as: UTF8.self)
    let below = folder.name.isEmpty ? text : folder.name + "/" + text
    let isIncluded = rules.includes(below)
    if name.first == UInt8(ascii: "."), !isIncluded { return leave("hidden") }
    if rules.excludes(below) { return leave("excluded") }
    var status: stat
    var isLink = false
    do throws(FileError) {
      status = try path.status(following: false)
      if status.isLink {
        isLink = true
        status = try path.status()
      }
    } catch {
      return refuse(path, SourceRules.reason(error, path))
    }
    if status.isFolder {
      let identity = Identity(status)
      let above = folder.above + [folder.identity]
      let next = Folder(path: path, name: below, identity: identity, above: above)
      if !isLink {
        if walked.insert(identity).inserted { waiting.append(next) }
      } else if above.contains(identity) {
        refuse(path, "this link leads to a folder that it lies in: a loop; remove it or exclude it")
      } else {
        links.append(next)
      }
      return
    }
    switch rules.look(
      at: path, name: below, status, isNamed: false, isIncluded: isIncluded,
      { siblings.contains($0) })
    {
    case .take(let file): files.append(file)
    case .leave(let reason): leave(reason)
    case .bad(let reason): refuse(path, reason)
    case .belongsToAnother: break
    }
  }
}
