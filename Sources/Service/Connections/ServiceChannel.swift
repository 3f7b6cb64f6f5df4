import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

/// A connection with its limits, around what speaks HTTP on it.
struct ServiceChannel<Base: ServerChildChannel>: ServerChildChannel {
  typealias Value = Base.Value

  let base: Base
  let connections: ConnectionCount

  /// What is written and not sent yet: a piece, and the one after it.
  static var pendingBytes: ChannelOptions.Types.WriteBufferWaterMark {
    .init(low: 256 << 10, high: 768 << 10)
  }

  /// What the system keeps of written bytes, on a socket of this machine: half as much by default,
  /// so that an answer of 1,024 rows would have to wait for its reader. TCP finds its own.
  static var systemBytes: ChannelOptions.Types.SocketOption.Value { 256 << 10 }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    guard let place = connections.enter() else {
      return channel.close().flatMapThrowing { throw ChannelError.eof }
    }
    channel.closeFuture.whenComplete { _ in place.leave() }
    return channel.eventLoop.makeCompletedFuture {
      let options = channel.syncOptions
      try options?.setOption(.writeBufferWaterMark, value: Self.pendingBytes)
      if channel.localAddress?.protocol == .unix {
        try options?.setOption(.socketOption(.so_sndbuf), value: Self.systemBytes)
      }
      try options?.setOption(
        .recvAllocator,
        value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 4096, maximum: 256 << 10))
      let guarded = ByteGuard(limits: connections.limits, budget: connections.budget)
      try channel.pipeline.syncOperations.addHandler(guarded)
    }.flatMap {
      base.setup(channel: channel, logger: logger)
    }
  }

  func handle(value: Value, logger: Logger) async {
    await withTaskExecutorPreference(LoopExecutor(value.channel.eventLoop)) {
      await base.handle(value: value, logger: logger)
    }
  }
}
