import Corpora
import Datasets
import Foundation
import Samples

/// One run of an ingest: what moves while the sources are read.
struct IngestRun {
  /// A batch and what the search for duplicates needs to know of each sample.
  struct Prepared: Sendable {
    var batch: RecordBatch
    var keys: [DuplicateFilter.Keys]
  }

  private let ingest: Ingest
  private let plan: CorpusPlan
  private let writer: DatasetWriter
  private let fingerprints: [UInt64]
  private let source: DatasetManifest.Source
  private let firstUnit: Int
  private let firstPosition: CorpusPosition
  private var counts = IngestReport.Counts()
  private var filter: DuplicateFilter?
  private var sideFile: SideFile?
  private var resumedSamples = 0
  private var sharedBefore = 0

  init(
    _ ingest: Ingest, plan: CorpusPlan, writer: DatasetWriter, interrupted: InterruptedIngest?
  ) throws {
    self.ingest = ingest
    self.plan = plan
    self.writer = writer
    fingerprints = IngestState.fingerprints(of: plan.units)
    source = ingest.source(kind: plan.kind)
    filter = try DuplicateFilter(ingest.duplicates, kind: plan.kind)
    if let interrupted {
      let state = try Self.state(of: interrupted)
      guard !ingest.paths.contains("-") else { throw IngestError.cannotResumeStandardInput }
      guard state.source == source else {
        throw DatasetError.otherIngest(
          name: ingest.dataset, reason: "its sources or options were different")
      }
      guard state.unit < fingerprints.count, fingerprints[state.unit] == state.fingerprint else {
        throw IngestError.sourcesChanged(
          dataset: ingest.dataset, path: ingest.paths.joined(separator: " "))
      }
      firstUnit = state.unit
      firstPosition = state.position
      counts = state.counts
      resumedSamples = counts.samples
      sharedBefore = counts.sharedSamples
    } else {
      firstUnit = 0
      firstPosition = CorpusPosition()
      counts.leaveOut(plan.leftOut)
    }
    if let path = ingest.sideFile {
      sideFile = try SideFile(path: path, keeping: interrupted == nil ? 0 : counts.bad)
    }
    // Kept samples are what later ones are compared with.
    if filter != nil, interrupted != nil || ingest.isAppending, let written = try writer.written() {
      let reader = SampleReader(written)
      for number in 0..<written.count {
        try reader.withSample(number) { try filter?.remember(sample: $0) }
      }
    }
    if interrupted == nil {
      for bad in plan.bad { try skip(bad) }
    }
  }

  private static func state(of interrupted: InterruptedIngest) throws -> IngestState {
    do {
      return try JSONDecoder().decode(IngestState.self, from: interrupted.state)
    } catch {
      throw DatasetError.otherIngest(name: interrupted.name, reason: "it was no ingest of files")
    }
  }

  /// Reads all units and appends their samples.
  mutating func readAll(_ report: (Ingest.Progress) throws -> Void) throws {
    let readers = makeReaders()
    defer { readers.cancel() }
    var progress = Ingest.Progress(
      totalBytes: plan.units.reduce(0) { $0 + $1.bytesOnDisk }, samples: counts.samples)
    progress.bytes = plan.units[..<firstUnit].reduce(0) { $0 + $1.bytesOnDisk }
    var unitBytes = 0
    while let event = try readers.next() {
      switch event {
      case .batch(let unit, let prepared):
        try append(prepared, unit: unit)
        // Of a compressed unit more is read than it has bytes: it is not more than all of it.
        let size = plan.units[unit].bytesOnDisk
        let seen = min(size, unitBytes + prepared.batch.bytes.count)
        progress.bytes += seen - unitBytes
        unitBytes = seen
      case .end(let unit):
        progress.bytes += plan.units[unit].bytesOnDisk - unitBytes
        unitBytes = 0
      }
      progress.samples = counts.samples
      try report(progress)
    }
  }

  private func makeReaders() -> OrderedReaders<Prepared> {
    let (plan, options, filter) = (self.plan, ingest.corpus, self.filter?.keyMaker)
    let (firstUnit, firstPosition) = (self.firstUnit, self.firstPosition)
    return OrderedReaders(units: firstUnit..<plan.units.count, threads: ingest.threads) {
      number, deliver in
      let unit = plan.units[number]
      let start = number == firstUnit ? firstPosition : CorpusPosition()
      func send(_ batch: RecordBatch) throws -> Bool {
        var prepared = Prepared(batch: batch, keys: [])
        if let filter { prepared.keys = try filter.keys(of: batch) }
        return deliver(prepared, batch.bytes.count + 64 * batch.ends.count)
      }
      do {
        let reader = try unit.makeReader(
          from: start, options: options, tokens: plan.tokens, kind: plan.kind)
        while let batch = try reader.nextBatch(bytes: 1 << 20) {
          guard try send(batch) else { return }
        }
      } catch {
        // A file that cannot be opened or read is a bad record of the sources.
        var batch = RecordBatch()
        batch.append(BadRecord(path: unit.path, reason: "\(error)", endsUnit: true))
        _ = try send(batch)
      }
    }
  }

  private mutating func append(_ prepared: Prepared, unit: Int) throws {
    let batch = prepared.batch
    var bad = zip(batch.badPlaces, batch.bad).makeIterator()
    var nextBad = bad.next()
    var leftOut = batch.leftOutRuns[...]
    // In the records' order: what stands before a sample is counted when that is kept, and what
    // stands behind it is met again by who goes on from there.
    func pass(before place: Int) throws {
      while let (badPlace, record) = nextBad, badPlace <= place {
        try skip(record)
        nextBad = bad.next()
      }
      while let run = leftOut.first, run.place <= place {
        counts.leaveOut([run.reason: run.count])
        leftOut.removeFirst()
      }
    }
    var start = 0
    try batch.bytes.withUnsafeBytes { bytes in
      for (index, end) in batch.ends.enumerated() {
        try pass(before: index)
        let sample = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
        start = end
        if let found = try filter?.check(prepared.keys[index]) {
          switch found {
          case .exact: counts.exactDuplicates += 1
          case .near: counts.nearDuplicates += 1
          }
          continue
        }
        try append(sample, unit: unit, position: batch.positions[index])
      }
    }
    try pass(before: batch.ends.count)
  }

  private mutating func append(
    _ sample: UnsafeRawBufferPointer, unit: Int, position: CorpusPosition
  ) throws {
    let isMark = try writer.append(sample)
    counts.samples += 1
    counts.bytes += sample.count
    counts.sharedSamples = sharedBefore + writer.progress.sharedSamples
    if plan.kind == .document, (try? DocumentSample(sample))?.text.isEmpty ?? false {
      counts.empty += 1
    }
    guard isMark, plan.units[unit].path != "-" else { return }
    let state = IngestState(
      unit: unit, position: position, fingerprint: fingerprints[unit], source: source,
      counts: counts)
    try writer.mark(try JSONEncoder().encode(state))
  }

  private mutating func skip(_ bad: BadRecord) throws {
    guard let sideFile else { throw IngestError.badRecord(bad) }
    try sideFile.append(bad)
    counts.bad += 1
  }

  /// Publishes what was appended.
  mutating func publish() throws -> IngestReport {
    guard counts.samples > 0 || ingest.isAppending else {
      let reasons = counts.leftOut.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      throw IngestError.nothingRead(leftOut: reasons.joined(separator: ", "))
    }
    let before = writer.parent?.version
    let version = try writer.publish(message: ingest.message, source: source)
    return IngestReport(
      version: version, isNew: version != before, counts: counts,
      sideFile: counts.bad > 0 ? sideFile?.path : nil, newChunks: writer.progress.newChunks,
      newFileBytes: writer.progress.newFileBytes,
      forgottenDuplicates: filter?.forgotten ?? 0, resumedSamples: resumedSamples)
  }
}
