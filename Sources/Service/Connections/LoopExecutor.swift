import NIOCore

/// Runs tasks on an event loop: what reads a request, answers it and writes the answer stays on the
/// thread that the bytes come and go by, where every change of thread costs more than a small request.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
