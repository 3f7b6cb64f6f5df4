import Addressing
import Datasets
import MemoryTables
import Retrieval
import SampleOrder
import Serving
import Storage
import TestStores
import Testing

@Suite struct FailureTests {
  @Test func errorsOfTheStoreAreTold() throws {
    let made = try ServedStore()
    let store = try LiveStore(path: made.path)
    func kind(_ body: () throws -> Void) -> Failure? {
      do { try body() } catch { return Failure(error) }
      return nil
    }
    #expect(kind { _ = try LiveStore(path: "/nowhere") } == .notFound)
    #expect(kind { _ = try OpenTable("none", in: store.now()) } == .notFound)
    #expect(kind { _ = try OpenTable("plain@7", in: store.now()) } == .notFound)
    #expect(kind { _ = try OpenTable("plain@", in: store.now()) } == .invalid)
    #expect(kind { _ = try OpenDataset("none", in: store.now()) } == .notFound)
    #expect(
      kind { _ = try store.now().publishedIndex(DatasetReference(name: "bytes")) } == .notFound)
    let table = try OpenTable("plain", in: store.now())
    #expect(kind { _ = try table.table.gather([-1]) } == .outOfRange)
    #expect(kind { _ = try table.start() } == .unsupported)
    let bytes = try OpenDataset("bytes", in: store.now())
    #expect(kind { try bytes.withReader { _ = try $0.sample(300) } } == .outOfRange)
    #expect(kind { try bytes.withReader { try $0.withDocument(1) { _, _ in } } } == .corrupt)
    #expect(kind { throw SampleOrderError.emptyWindow(0) } == .invalid)
    #expect(
      kind { throw AddressingError.tokenOutOfRange(index: 0, token: -1, limit: 5) } == .outOfRange)
    #expect(kind { throw CancellationError() } == .failed)
  }

  @Test func aListingNamesEverything() throws {
    let made = try ServedStore()
    let listing = try StoreListing(LiveStore(path: made.path).now())
    #expect(listing.tables.map(\.name) == ["exact", "hashed", "plain"])
    #expect(listing.tables.map(\.foundBy) == [.ngram, .hash, .number])
    #expect(listing.datasets.map(\.name) == ["bytes", "documents", "tokens"])
    #expect(listing.indexes.map(\.dataset) == ["documents"] && listing.indexes[0].documents == 300)
  }
}
