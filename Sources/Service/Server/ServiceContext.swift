import Hummingbird
import NIOCore

/// What the service knows about a request beside the request itself.
public struct ServiceContext: RequestContext {
  /// What Hummingbird keeps.
  public var coreContext: CoreRequestContextStorage
  /// The connection that it came by.
  public let channel: any Channel
  /// What was admitted for it; memory that it may use is counted here.
  var admission: Admission?

  /// A request of a connection.
  public init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }

  /// A path's segment, percent-decoded: `name` or `name@version`, slashes and all.
  ///
  /// - Throws: `ServiceError` where it is not UTF-8.
  func segment(_ name: String = "name") throws -> String {
    let raw = parameters.get(name) ?? ""
    guard let decoded = raw.percentDecoded else {
      throw ServiceError.badPath(raw)
    }
    return decoded
  }
}
