import Foundation
import Service
import TestStores
import Testing

/// Who may ask.
struct ServerAccessTests {
  private let secret = "a-secret-of-these-tests"

  @Test func theTokenIsNeeded() async throws {
    let token = try ServiceToken(secret)
    try await withService(configured: { $0.token = token }) { running in
      try await running.client { client in
        for header in [
          [], ["Authorization: Bearer"], ["Authorization: Bearer wrong"],
          ["Authorization: Bearer \(secret)x"], ["Authorization: Basic \(secret)"],
          ["Authorization: Bearer \(secret.dropLast())"],
        ] {
          for path in ["/v1/tables", "/metrics", "/v1/none"] {
            let refused = try client.ask("GET", path, headers: header)
            #expect(refused.status == 401 && refused.headers["www-authenticate"] == "Bearer")
          }
        }
        for header in ["Authorization: Bearer \(secret)", "authorization: bearer  \(secret)"] {
          #expect(try client.ask("GET", "/v1/tables", headers: [header]).status == 200)
        }
        for path in ["/healthz", "/readyz", "/", "/openapi.yaml"] {
          #expect(try client.ask("GET", path).status == 200)
        }
      }
    }
  }

  @Test(arguments: ["0.0.0.0", "192.168.1.1", "example.org", "::", "fe80::1"])
  func beyondThisMachineATokenAndTLSAreNeeded(host: String) throws {
    let served = try RunningService.shared.get()
    var configuration = ServiceConfiguration(
      store: served.path, listen: .tcp(host: host, port: 0), logger: .init(label: "test"))
    #expect(throws: ConfigurationError.needsToken(host: host)) {
      try EngramService(configuration)
    }
    configuration.token = try ServiceToken(secret)
    #expect(throws: ConfigurationError.needsTLS(host: host)) { try EngramService(configuration) }
    configuration.isInsecure = true
    _ = try EngramService(configuration)
  }

  @Test(arguments: ["", "short", "has space in its middle", "0123456789abcde\u{7f}"])
  func badTokensAreRefused(token: String) {
    #expect(throws: ConfigurationError.self) { try ServiceToken(token) }
  }

  @Test func theSocketIsItsOwnersAndGoesWithTheService() async throws {
    let running = try await RunningService.start()
    guard case .unix(let path) = running.address else { return }
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect((attributes[.posixPermissions] as? Int) == 0o600)
    // A second one does not take it away.
    await #expect(throws: ConfigurationError.self) {
      try await RunningService.start(running.served) { $0.listen = running.address }
    }
    #expect(try await running.client { try $0.ask("GET", "/healthz").status } == 200)
    try await running.stop()
    #expect(!FileManager.default.fileExists(atPath: path))
    // What a killed one left does not keep the next from starting.
    try Data().write(to: URL(filePath: path))
    await #expect(throws: ConfigurationError.self) {
      try await RunningService.start(running.served) { $0.listen = running.address }
    }
    try FileManager.default.removeItem(atPath: path)
  }

  @Test func tlsIsSpoken() async throws {
    let served = try RunningService.shared.get()
    let (certificate, key) = (served.scratch("cert.pem"), served.scratch("key.pem"))
    try await onThread {
      let made = try run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost")
      #expect(made.status == 0)
    }
    try await withService(
      configured: {
        $0.listen = .tcp(host: "127.0.0.1", port: 0)
        $0.tls = .init(certificate: certificate, key: key)
      }
    ) { running in
      guard case .tcp(_, let port) = running.address else { return }
      let asked = try await onThread {
        try run(
          "curl", "-sS", "--cacert", certificate, "--resolve", "localhost:\(port):127.0.0.1",
          "https://localhost:\(port)/healthz")
      }
      #expect(asked.status == 0 && asked.output == "ok\n", "\(asked.output)")
      // Plain HTTP there ends its connection alone.
      #expect(
        try await running.client { client in
          client.request("GET", "/healthz")
          return client.waitForClose()
        })
    }
    for (cert, key) in [
      (certificate, served.path + "/none"), (key, key), (certificate, certificate),
    ] {
      await #expect(throws: ConfigurationError.self) {
        try await RunningService.start(served) {
          $0.listen = .tcp(host: "127.0.0.1", port: 0)
          $0.tls = .init(certificate: cert, key: key)
        }.stop()
      }
    }
  }

  @Test(arguments: [
    "unix:", "8080", "localhost", "localhost:", "localhost:99999", "a b:80", "::1:80", "/x:1",
    "unix:" + String(repeating: "n", count: 108),
  ])
  func badAddressesAreRefused(text: String) {
    #expect(throws: ConfigurationError.self) { try ListenAddress(parsing: text) }
  }

  @Test func loopbackIsKnown() throws {
    for text in ["127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1", "unix:/x"] {
      #expect(try ListenAddress(parsing: text).isLoopback)
    }
    for text in ["0.0.0.0:1", "10.0.0.1:1", "[::]:1", "127.example.org:1", "[::2]:1"] {
      #expect(try !ListenAddress(parsing: text).isLoopback)
    }
  }
}

/// Runs a command and takes what it prints.
private func run(_ words: String...) throws -> (status: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = words
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
