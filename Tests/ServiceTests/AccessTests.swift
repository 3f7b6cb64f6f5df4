import Foundation
import TestCheckpoints
import TestStores
import Testing

@testable import Service

/// Who may ask, and where the service listens.
@Suite(.inAProcessOfItsOwn)
struct AccessTests {
  private static let secret = "a-token-of-twenty-bytes"

  @Test func withoutTheTokenNothingOfTheStoreIsToBeHad() async throws {
    try await withService {
      $0.token = try? ServiceToken(Self.secret)
    } _: { service in
      let right = ["Authorization": "Bearer " + Self.secret]
      for (method, path) in [
        ("GET", "/v1/store"), ("GET", "/v1/tables"), ("GET", "/v1/tables/plain"),
        ("GET", "/v1/datasets"), ("GET", "/v1/datasets/bytes"), ("GET", "/v1/indexes"),
        ("GET", "/metrics"), ("GET", "/nothing"), ("DELETE", "/v1/store"),
        ("POST", "/v1/tables/plain/rows"), ("POST", "/v1/tables/plain/row-ids"),
        ("POST", "/v1/tables/plain/prefetch"), ("POST", "/v1/datasets/bytes/samples"),
        ("POST", "/v1/datasets/bytes/order"), ("POST", "/v1/query"), ("POST", "/v1/explain"),
      ] {
        let answer = try await service.ask(method, path)
        #expect(answer.status == 401 && answer.code == "unauthorized", "\(method) \(path)")
        #expect(answer.headers["www-authenticate"] == "Bearer")
        #expect(try await service.ask(method, path, right).status != 401, "\(method) \(path)")
      }
      for wrong in [
        "Bearer", "Bearer ", "Bearer a", "Bearer \(Self.secret)x", "Bearer x\(Self.secret)",
        "Bearer \(Self.secret.dropLast())", "Basic \(Self.secret)", Self.secret,
        "Bearer \(Self.secret) \(Self.secret)", "Bearer \(Self.secret)\(Self.secret)",
        "Bearer \(Self.secret.uppercased())",
      ] {
        #expect(
          try await service.ask("GET", "/v1/store", ["Authorization": wrong]).status == 401,
          "\(wrong)")
      }
      #expect(
        try await service.ask("GET", "/v1/store", ["Authorization": "bearer " + Self.secret])
          .status == 200)
      for path in ["/healthz", "/readyz", "/", "/openapi.yaml"] {
        #expect(try await service.ask("GET", path).status == 200)
      }
    }
  }

  @Test(arguments: ["", "short", "fifteen-bytes-x", "with a space in it", "ümlaut-in-the-token"])
  func whatIsNoTokenIsRefused(text: String) {
    #expect(throws: ConfigurationError.self) { try ServiceToken(text) }
  }

  @Test func beyondThisMachineATokenAndEncryptionAreNeeded() throws {
    let token = try ServiceToken(Self.secret)
    let path = try SharedStore.made.get().path
    func refusal(
      _ host: String, token: ServiceToken?, isInsecure: Bool = false
    ) throws -> ConfigurationError? {
      var configuration = ServiceConfiguration(
        store: path, listen: .tcp(host: host, port: 0), logger: .init(label: "test"))
      configuration.token = token
      configuration.isInsecure = isInsecure
      do {
        _ = try EngramService(configuration)
        return nil
      } catch let error as ConfigurationError { return error }
    }
    for host in ["0.0.0.0", "::", "192.168.1.1", "example.org", "127.0.0.1.example.org"] {
      #expect(try refusal(host, token: nil) == .needsToken(host: host))
      #expect(try refusal(host, token: nil, isInsecure: true) == .needsToken(host: host))
      #expect(try refusal(host, token: token) == .needsTLS(host: host))
      #expect(try refusal(host, token: token, isInsecure: true) == nil)
    }
    for host in ["127.0.0.1", "127.9.9.9", "::1", "localhost"] {
      #expect(try refusal(host, token: nil) == nil)
    }
  }

  @Test func aUnixSocketMayBeForOthersToo() async throws {
    let scratch = try ScratchFolder()
    let path = scratch("s")
    try await withService(listen: .unix(path)) {
      $0.socketMode = 0o660
    } _: { service in
      var status = stat()
      #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o660)
      let answer = try await service.ask("GET", "/healthz")
      #expect(answer.status == 200)
    }
  }

  @Test func aUnixSocketIsItsUsersAloneAndGoneInTheEnd() async throws {
    let scratch = try ScratchFolder()
    let path = scratch("s")
    try await withService(listen: .unix(path)) { service in
      #expect(service.address == .unix(path))
      var status = stat()
      #expect(lstat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
      let answer = try await service.post("/v1/tables/plain/rows", bytes([7]))
      #expect(answer.body == MadeRows(rowBytes: 128).bytes(of: 7))
      // The socket is somebody's: a second service does not take it.
      await #expect(throws: ConfigurationError.self) {
        try await withService(listen: .unix(path)) { _ in }
      }
      #expect(try await service.ask("GET", "/healthz").status == 200)
    }
    #expect(access(path, F_OK) != 0)
    // What a killed service left is nobody's.
    let left = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(left) }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(left, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    try await withService(listen: .unix(path)) { service in
      let answer = try await service.ask("GET", "/healthz")
      #expect(answer.status == 200)
    }
    // A file that is no socket stays.
    try Data("kept".utf8).write(to: URL(fileURLWithPath: path))
    await #expect(throws: ConfigurationError.self) {
      try await withService(listen: .unix(path)) { _ in }
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "kept")
  }

  @Test func aPortThatIsTakenIsSaidToBe() async throws {
    try await withService { service in
      let error = await #expect(throws: ConfigurationError.self) {
        try await withService(listen: service.address) { _ in }
      }
      #expect(error == .inUse(address: service.address.description))
    }
  }

  @Test func tlsIsSpokenWhereThereIsACertificate() async throws {
    let scratch = try ScratchFolder()
    let (certificate, key) = (scratch("cert.pem"), scratch("key.pem"))
    let made = try await openssl([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
      "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
    ])
    try #require(made.status == 0, "openssl cannot make a certificate")
    try await withService {
      $0.tls = .init(certificate: certificate, key: key)
    } _: { service in
      guard case .tcp(_, let port) = service.address else { return }
      let request = Wire.request("GET", "/readyz", ["Connection": "close"])
      let answer = try await openssl(
        [
          "s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", certificate,
          "-verify_return_error", "-verify_ip", "127.0.0.1", "-quiet", "-ign_eof",
        ], input: request)
      #expect(answer.output.hasPrefix("HTTP/1.1 200 OK"), "\(answer.output)")
      #expect(answer.output.hasSuffix("ready\n"))
      let old = try await openssl(
        ["s_client", "-connect", "127.0.0.1:\(port)", "-tls1_1", "-quiet"], input: request)
      #expect(!old.output.contains("HTTP/1.1"))
      // Who does not speak TLS hears nothing that could be taken for an answer.
      let plain = try service.connect()
      try await plain.send(request)
      let heard = try await plain.rest()
      #expect(!String(decoding: heard, as: UTF8.self).contains("HTTP/"))
    }
    await #expect(throws: ConfigurationError.self) {
      try await withService {
        $0.tls = .init(certificate: key, key: certificate)
      } _: { _ in
      }
    }
  }

  private func openssl(
    _ arguments: [String], input: [UInt8] = []
  ) async throws -> (status: Int32, output: String) {
    try await onThread {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["openssl"] + arguments
      let (given, taken) = (Pipe(), Pipe())
      process.standardInput = given
      process.standardOutput = taken
      process.standardError = FileHandle.nullDevice
      try process.run()
      // It may have refused by now, and reads no more.
      try? given.fileHandleForWriting.write(contentsOf: Data(input))
      try given.fileHandleForWriting.close()
      let output = try taken.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
  }
}
