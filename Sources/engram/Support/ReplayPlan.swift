import ContextReplay
import ContextStore
import Files

/// What is replayed, against one budget after another.
struct ReplayPlan {
  let traces: [String]
  let layout: ContextLayout
  /// Bytes that stand for a token's state; `nil`: all of the layout's.
  let bytesPerToken: Int?
  let isDurable: Bool
  let isVerifying: Bool
  let isSimulating: Bool

  /// Bytes of all traces; 0 for what is no file.
  var traceBytes: Int { traces.reduce(0) { $0 + (DurableFile.size(of: $1) ?? 0) } }

  /// Bytes of state of a block, by the layout.
  private var blockBytes: Int { layout.groups.reduce(0) { $0 + layout.bytesPerBlock($1) } }

  /// The layout whose bytes are stored.
  private var storedLayout: ContextLayout {
    guard let bytesPerToken else { return layout }
    return ContextLayout(
      blockTokens: layout.blockTokens,
      groups: [ContextGroup(name: "state", layers: 1, rowBytes: bytesPerToken)])
  }

  /// Replays the traces against a store at `path`.
  ///
  /// - Parameter isFirst: whether to simulate a cache without a limit, too.
  /// - Parameter progress: told the bytes of the traces that are done; throws to stop.
  func run(
    budget: ReplayBudget, path: String, isFirst: Bool, progress: (Int) throws -> Void
  ) throws -> ReplayLine {
    let space = try open(path, budget: budget)
    let store = space.store
    defer { store.close() }
    let replay = ContextReplay(
      store: store, space: space, isDurable: isDurable, isVerifying: isVerifying,
      check: Interruption.check)
    var recency = RecencySimulation(
      capacity: budget.bytes / blockBytes, blockTokens: layout.blockTokens)
    var unlimited = RecencySimulation(capacity: nil, blockTokens: layout.blockTokens)
    var line = ReplayLine(budget: budget, report: ReplayReport())
    var hits = (recency: 0, unlimited: 0)
    var done = 0
    for path in traces {
      let trace = try TraceReader(path: path)
      while let prompt = try trace.next() {
        try replay.play(prompt.tokens)
        if isSimulating {
          hits.recency += recency.play(prompt.tokens)
          if isFirst { hits.unlimited += unlimited.play(prompt.tokens) }
        }
        try progress(done + trace.position)
      }
      done += trace.position
    }
    line.report = replay.report()
    if isSimulating {
      line.report.simulatedHitTokens = hits.recency
      if isFirst { line.unlimitedHitTokens = hits.unlimited }
    }
    return line
  }

  /// Opens a store of this budget, shrunk as the state is, with segments that hold a block at least.
  private func open(_ path: String, budget: ReplayBudget) throws -> ContextSpace {
    let share = bytesPerToken.map { Double($0 * layout.blockTokens) / Double(blockBytes) } ?? 1
    let namespace = try ContextNamespace(model: "replay", revision: "1", layout: storedLayout)
    var options = ContextStore.Options(capacityBytes: Int(Double(budget.bytes) * share))
    do {
      let store = try ContextStore(path: path, mode: .writing, options: options)
      return try store.space(namespace)
    } catch ContextError.blockTooLarge(let bytes, _, let needed)
      where needed <= options.capacityBytes ?? 0
    {
      // A head and an end are beside the block.
      options.segmentBytes = bytes + 8192
      let store = try ContextStore(path: path, mode: .writing, options: options)
      return try store.space(namespace)
    }
  }
}
