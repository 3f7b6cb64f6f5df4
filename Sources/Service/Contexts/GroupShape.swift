import ContextStore

/// One group of a namespace, and how many bytes parts of it have.
struct GroupShape: Sendable {
  let name: String
  let layers: Int
  let rowBytes: Int
  /// Rows of a block in a layer.
  let blockRows: Int

  /// The group of that name.
  ///
  /// - Throws: `ServiceError.badParameter`, which names those that there are.
  init(_ name: String, of layout: ContextLayout, parameter: String = "group") throws(ServiceError) {
    guard let group = layout.groups.first(where: { $0.name == name }) else {
      throw .badParameter(
        name: parameter, found: name,
        expected: layout.groups.map(\.name).joined(separator: " or ").prefix(500).description)
    }
    self.name = name
    layers = group.layers
    rowBytes = group.rowBytes
    blockRows = layout.rowsPerBlock(group)
  }

  /// Bytes of a layer of a block.
  var sliceBytes: Int { Self.product(blockRows, rowBytes) }

  /// Bytes of some layers of some blocks; as many as there can be where it is more than that.
  func bytes(layers: Int, blocks: Int) -> Int {
    Self.product(layers, Self.product(blocks, sliceBytes))
  }

  /// Layers that a query asks for: all from the first on where it does not say how many.
  ///
  /// - Throws: `ServiceError.badParameter`, `.outsideGroup`.
  func layers(_ query: ContextQuery) throws(ServiceError) -> Range<Int> {
    let first = try query.number(.firstLayer) ?? 0
    guard first <= layers else {
      throw .outsideGroup(what: "first_layer", found: first, group: name, limit: layers)
    }
    let count = try query.number(.layers) ?? layers - first
    guard count <= layers - first else {
      throw .outsideGroup(what: "layers", found: count, group: name, limit: layers - first)
    }
    return first..<(first + count)
  }

  private static func product(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? .max : product
  }
}
