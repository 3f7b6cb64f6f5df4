import ChunkStore
import Digests
import Foundation
import Samples
import Storage
import Synchronization

/// An open dataset version: samples by number, from any number of threads and processes.
///
///     let store = try Store(path: "store", mode: .reading)
///     let dataset = try Dataset(DatasetReference(parsing: "corpus@3"), in: store)
///     let reader = SampleReader(dataset)          // one a thread
///     try reader.withSample(17) { bytes in ... }
///
/// While it lives, its chunks are not collected, even if the version is dropped. Opening costs a
/// catalog read; pages of the manifest are read when they are first needed.
public final class Dataset: Sendable {
  /// The version as the catalog names it.
  public let version: DatasetVersion
  /// Where chunks are.
  public let chunks: any ChunkBackend

  /// The first sample of each page, then the number of samples.
  let pageStarts: [Int]
  private let pageStore: any ChunkBackend
  private let lease: DatasetLease?
  private let pages: Mutex<[Int: ManifestPage]> = Mutex([:])

  /// What the version is.
  public var manifest: DatasetManifest { version.manifest }
  /// How many samples it has.
  public var count: Int { manifest.samples }

  /// Opens the version that a reference names.
  ///
  /// - Throws: `DatasetError.noSuchDataset`, `.noSuchVersion`, `.dropped`, `.corrupt`;
  ///   `StorageError`, `FileError`.
  public convenience init(_ reference: DatasetReference, in store: Store) throws {
    try self.init(store.datasetVersion(reference), in: store)
  }

  /// Opens a version that the catalog named.
  public convenience init(_ version: DatasetVersion, in store: Store) throws {
    let manifest = version.manifest
    guard let lease = try DatasetLease(reading: manifest.identity, in: store.path) else {
      throw DatasetError.dropped(name: manifest.name, version: manifest.version)
    }
    self.init(version, chunks: store.chunks, pages: store.manifestPages, lease: lease)
  }

  /// A version whose objects are in these backends.
  init(
    _ version: DatasetVersion, chunks: any ChunkBackend, pages: any ChunkBackend,
    lease: DatasetLease?
  ) {
    self.version = version
    self.chunks = chunks
    self.pageStore = pages
    self.lease = lease
    var starts = [0]
    for page in version.manifest.pages { starts.append(starts.last! + page.samples) }
    pageStarts = starts
  }

  /// A page of the manifest, from memory where it was read before.
  ///
  /// - Throws: `DatasetError.corrupt` where the page is not what the manifest names.
  public func page(_ index: Int) throws -> ManifestPage {
    if let page = pages.withLock({ $0[index] }) { return page }
    let page = ManifestPage(
      extents: try Self.extents(of: manifest.pages[index], in: pageStore))
    pages.withLock { $0[index] = page }
    return page
  }

  /// Reads a page and checks it against its name and its reference.
  static func extents(
    of reference: PageReference, in pages: any ChunkBackend
  ) throws -> [Extent] {
    guard let name = SHA256Digest(hexadecimal: reference.name) else {
      throw DatasetError.corrupt(place: reference.name, reason: "this is no page's name")
    }
    let place = pages.place(of: name)
    let bytes = try pages.get(
      name, range: 0..<ManifestPage.headerBytes + ManifestPage.entryBytes * reference.extents)
    guard bytes.withUnsafeBytes({ SHA256Digest(of: $0) }) == name else {
      throw DatasetError.corrupt(place: place, reason: "its bytes are not those of its name")
    }
    let extents = try ManifestPage.decode(bytes, place: place)
    guard extents.reduce(0, { $0 + $1.count }) == reference.samples,
      extents.reduce(0, { $0 + $1.rawBytes }) == reference.bytes
    else {
      throw DatasetError.corrupt(place: place, reason: "it does not list what the manifest says")
    }
    return extents
  }

  /// Which page holds a sample.
  ///
  /// - Parameter number: 0..<`count`.
  func pageIndex(of number: Int) -> Int {
    var low = 0
    var high = pageStarts.count - 1
    while high - low > 1 {
      let middle = (low + high) / 2
      if pageStarts[middle] <= number { low = middle } else { high = middle }
    }
    return low
  }

  /// Calls `body` with all extents in sample order and the number of each one's first sample.
  public func forEachExtent(_ body: (Extent, Int) throws -> Void) throws {
    for index in manifest.pages.indices {
      let page = try page(index)
      for (extent, start) in zip(page.extents, page.starts) {
        try body(extent, pageStarts[index] + start)
      }
    }
  }
}
