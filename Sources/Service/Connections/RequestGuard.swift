import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Sees requests and answers pass, tells `ByteGuard`, and ends requests whose body does not come.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let bodyTime: TimeAmount
  private var deadline: Scheduled<Void>?
  /// Requests whose head was read and whose answer has not ended.
  private var open = 0
  /// Whether an answer has begun and not ended.
  private var isAnswering = false
  /// Whether a request's head was read, and not its end.
  private var isReading = false
  /// Whether what is written is a second answer to a request: one that was answered before its body
  /// turned out to be none. A client would take it for the next request's.
  private var isSurplus = false

  init(bodyTime: Duration) { self.bodyTime = .nanoseconds(bodyTime.nanoseconds) }

  func handlerRemoved(context: ChannelHandlerContext) { end() }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      open += 1
      isReading = true
      context.triggerUserOutboundEvent(ByteGuard.Event.headRead, promise: nil)
      expectBody(context)
    case .body: break
    case .end:
      isReading = false
      end()
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let part = unwrapOutboundIn(data)
    if case .head = part, isReading, open <= 0 { isSurplus = true }
    guard !isSurplus else {
      promise?.succeed()
      return
    }
    switch part {
    case .head: isAnswering = true
    case .body: break
    case .end:
      isAnswering = false
      open -= 1
      // Its body may still come: then it is not over.
      if open <= 0, deadline == nil {
        context.triggerUserOutboundEvent(ByteGuard.Event.allAnswered, promise: nil)
      }
    }
    context.write(data, promise: promise)
  }

  private func expectBody(_ context: ChannelHandlerContext) {
    end()
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    deadline = context.eventLoop.scheduleTask(in: bodyTime) {
      let (guarded, context) = bound.value
      guarded.deadline = nil
      if !guarded.isAnswering, guarded.open == 1 { guarded.refuse(context) }
      context.close(promise: nil)
    }
  }

  /// Says why, to whom it may still be said.
  private func refuse(_ context: ChannelHandlerContext) {
    let answer = ServiceError.tooSlow.answer
    let json = answer.json
    var head = HTTPResponse(status: answer.status)
    head.headerFields[.contentType] = "application/json"
    head.headerFields[.contentLength] = "\(json.count)"
    head.headerFields[.connection] = "close"
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(ByteBuffer(bytes: json))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  private func end() {
    deadline?.cancel()
    deadline = nil
  }
}
