import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Serving

/// Samples of datasets, and their order.
struct SampleRoutes: Sendable {
  let state: ServiceState

  /// `POST /v1/datasets/{name}/samples`.
  @Sendable func samples(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let (name, body) = try await receive(request, context)
    let isRaw = JSONRequests.accepts("application/octet-stream", in: request.headers[.accept])
    let condition = request.headers[.ifMatch]
    return try await state.runBlocking { [state] in
      let numbers = try JSONBody.decode(SamplesBody.self, from: body).numbers
      let dataset = try state.cache.dataset(name)
      try Self.check(condition, of: dataset)
      let answer = SampleAnswer(dataset: dataset, numbers: numbers)
      let sizes = try answer.sizes()
      let total = sizes.reduce(0, +)
      try context.admission?.take(isRaw ? total : SampleAnswer.jsonBytes(ofRaw: total))
      var headers = Self.headers(of: dataset)
      let response: Response
      if isRaw {
        headers[.contentType] = "application/octet-stream"
        headers[.engramSampleSizes] = sizes.map(String.init).joined(separator: ",")
        response = Response(
          status: .ok, headers: headers, body: .init(byteBuffer: try answer.raw(total: total)))
      } else {
        response = .json(bytes: try answer.json(), headers: headers)
      }
      state.metrics.recordSamples(
        dataset: dataset.dataset.version.manifest.name, samples: numbers.count, bytes: total)
      return response
    }
  }

  /// `POST /v1/datasets/{name}/order`.
  @Sendable func order(_ request: Request, _ context: ServiceContext) async throws -> Response {
    let (name, body) = try await receive(request, context)
    let condition = request.headers[.ifMatch]
    return try await state.runBlocking { [state] in
      let asked = try JSONBody.decode(OrderBody.self, from: body)
      let dataset = try state.cache.dataset(name)
      try Self.check(condition, of: dataset)
      let count = try asked.positions(of: dataset.dataset.count)
      try context.admission?.take(OrderAnswer.mostBytes(positions: count))
      let samples = try [Int64](unsafeUninitializedCapacity: count) { out, initialized in
        try dataset.order(
          asked.order, seed: asked.seed, epoch: asked.epoch, first: asked.first, step: asked.step,
          into: UnsafeMutableBufferPointer(rebasing: out[..<count]))
        initialized = count
      }
      return .json(
        bytes: OrderAnswer.json(dataset: dataset.title, samples: samples),
        headers: Self.headers(of: dataset))
    }
  }

  private func receive(
    _ request: Request, _ context: ServiceContext
  ) async throws -> (name: String, body: Data) {
    try Query.refuseAll(request.uri.query)
    let name = try context.segment()
    return (name, try await JSONRequests(limits: state.limits).collect(request, context))
  }

  /// - Throws: `ServiceError.otherVersion` where a request names another identity.
  private static func check(_ condition: String?, of dataset: OpenDataset) throws(ServiceError) {
    guard let condition, condition != "*" else { return }
    let identity = dataset.dataset.version.manifest.identity
    let named = condition.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\"" } }
    guard named.contains(identity) else {
      throw .otherVersion(title: dataset.title, identity: identity)
    }
  }

  static func headers(of dataset: OpenDataset) -> HTTPFields {
    [
      .engramDataset: dataset.title, .eTag: "\"\(dataset.dataset.version.manifest.identity)\"",
    ]
  }
}

extension HTTPField.Name {
  /// `name@version` of the dataset that was served.
  static let engramDataset = HTTPField.Name("Engram-Dataset")!
  /// Bytes of each sample of an answer of bytes, in their order.
  static let engramSampleSizes = HTTPField.Name("Engram-Sample-Sizes")!
}
