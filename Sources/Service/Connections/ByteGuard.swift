import NIOCore

/// Closes connections whose client sends too slowly or never reads. The first handler of all: what it
/// sees are bytes, TLS or not.
///
/// A client that has sent nothing of its next request may rest for `idleTime`; from the first byte on
/// it has `headerTime`. `RequestGuard` says when a head and a body are complete.
final class ByteGuard: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = IOData
  typealias OutboundOut = IOData

  /// What the connection waits for.
  private enum Stage {
    /// A request's first byte.
    case idle
    /// The rest of its head.
    case head
    /// A request is being read or answered.
    case request
  }

  /// What `RequestGuard` tells.
  enum Event: Sendable {
    case headRead
    case allAnswered
  }

  private let limits: ServiceLimits
  private let budget: MemoryBudget
  private var stage = Stage.idle
  private var deadline: Scheduled<Void>?
  private var pending = 0
  private var lastProgress = NIODeadline.now()
  private var stallCheck: Scheduled<Void>?

  init(limits: ServiceLimits, budget: MemoryBudget) {
    self.limits = limits
    self.budget = budget
  }

  func handlerAdded(context: ChannelHandlerContext) {
    // Whoever connects wants something.
    closeIn(limits.headerTime, context)
  }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .idle = stage {
      stage = .head
      closeIn(limits.headerTime, context)
    }
    context.fireChannelRead(data)
  }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    guard let event = event as? Event else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    switch event {
    case .headRead:
      stage = .request
      deadline?.cancel()
      deadline = nil
    case .allAnswered:
      stage = .idle
      closeIn(limits.idleTime, context)
    }
    promise?.succeed()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let count = unwrapOutboundIn(data).readableBytes
    guard count > 0 else { return context.write(data, promise: promise) }
    if pending == 0 { lastProgress = .now() }
    pending += count
    budget.addPending(count)
    let promise = promise ?? context.eventLoop.makePromise()
    let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
    promise.futureResult.whenComplete { [budget] _ in
      budget.removePending(count)
      let guarded = bound.value
      guarded.pending -= count
      guarded.lastProgress = .now()
    }
    context.write(data, promise: promise)
    if stallCheck == nil { checkStall(context, after: .nanoseconds(limits.stallTime.nanoseconds)) }
  }

  private func checkStall(_ context: ChannelHandlerContext, after time: TimeAmount) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    stallCheck = context.eventLoop.scheduleTask(in: time) {
      let (guarded, context) = bound.value
      guarded.stallCheck = nil
      guard guarded.pending > 0 else { return }
      let rest =
        guarded.lastProgress + .nanoseconds(guarded.limits.stallTime.nanoseconds)
        - NIODeadline.now()
      if rest.nanoseconds <= 0 {
        context.close(promise: nil)
      } else {
        guarded.checkStall(context, after: rest)
      }
    }
  }

  private func closeIn(_ time: Duration, _ context: ChannelHandlerContext) {
    deadline?.cancel()
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(in: .nanoseconds(time.nanoseconds)) {
      bound.value.close(promise: nil)
    }
  }

  private func end() {
    deadline?.cancel()
    deadline = nil
    stallCheck?.cancel()
    stallCheck = nil
  }
}

extension Duration {
  /// Whole nanoseconds, at most those of 290 years.
  var nanoseconds: Int64 {
    let (seconds, rest) = components
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : product.addingReportingOverflow(rest / 1_000_000_000).partialValue
  }
}
