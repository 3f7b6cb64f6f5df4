import Hummingbird
import NIOCore

/// `GET /healthz`: the process answers. `GET /readyz`: it takes requests, and
/// the store could be looked at.
enum HealthRoutes {
  static let paths: Set<String> = ["/healthz", "/readyz"]

  static func add(to router: Router<ServiceContext>, state: ServiceState) {
    router.get("healthz") { _, _ in answer("ok", .ok) }
    router.get("readyz") { _, _ in
      switch state.phase {
      case .ready:
        state.life.canRead.load(ordering: .relaxed)
          ? answer("ready", .ok) : answer("the store cannot be read", .serviceUnavailable)
      case .starting: answer("starting", .serviceUnavailable)
      case .stopping: answer("stopping", .serviceUnavailable)
      }
    }
  }

  private static func answer(_ word: String, _ status: HTTPResponse.Status) -> Response {
    Response(
      status: status, headers: [.contentType: "text/plain; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: word + "\n")))
  }
}
