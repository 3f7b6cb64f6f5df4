import Foundation
import Testing

@testable import Safetensors

@Suite struct SafetensorsFolderTests {
  private func write(_ name: String, _ tensor: String, in folder: String) throws {
    let writer = try SafetensorsWriter(
      creating: folder + "/" + name,
      tensors: [TensorDeclaration(name: tensor, type: .f32, shape: [1])])
    try writer.append([Float(tensor.utf8.count)], to: tensor)
    try writer.finish()
  }

  private func index(_ json: String, in folder: String) throws {
    try json.write(
      toFile: folder + "/model.safetensors.index.json", atomically: true, encoding: .utf8)
  }

  @Test func indexSaysWhereTensorsAre() throws {
    try withTemporaryFolder { folder in
      try write("one.safetensors", "a", in: folder)
      try write("two.safetensors", "bb", in: folder)
      try index(
        """
        {"metadata": {"total_size": 8, "x": [1.5e3, null, true, {"y": "z"}]},
         "weight_map": {"bb": "two.safetensors", "a": "one.safetensors"}}
        """, in: folder)
      let model = try SafetensorsFolder(path: folder)
      #expect(model.names == ["a", "bb"])
      let location = try model.tensor(named: "bb")
      #expect(location.file.path == folder + "/two.safetensors")
      #expect(try location.file.floats(of: location.tensor.name) == [2])
      #expect(model["c"] == nil)
    }
  }

  @Test func foldersWithoutIndex() throws {
    try withTemporaryFolder { folder in
      #expect(throws: SafetensorsError.noFiles(folder: folder)) {
        try SafetensorsFolder(path: folder)
      }
      try write("one.safetensors", "a", in: folder)
      try write("two.safetensors", "bb", in: folder)
      #expect(try SafetensorsFolder(path: folder).names == ["a", "bb"])
      try write("three.safetensors", "a", in: folder)
      #expect(throws: SafetensorsError.self) { try SafetensorsFolder(path: folder) }
      try write("model.safetensors", "m", in: folder)
      #expect(try SafetensorsFolder(path: folder).names == ["m"])
    }
  }

  @Test func indexAndFilesMustAgree() throws {
    try withTemporaryFolder { folder in
      try write("one.safetensors", "a", in: folder)
      let path = folder + "/model.safetensors.index.json"
      try index(#"{"weight_map": {"b": "one.safetensors"}}"#, in: folder)
      #expect(
        throws: SafetensorsError.notInShard(index: path, tensor: "b", shard: "one.safetensors")
      ) { try SafetensorsFolder(path: folder) }
      try index(#"{"weight_map": {"a": "missing.safetensors"}}"#, in: folder)
      #expect(throws: SafetensorsError.self) { try SafetensorsFolder(path: folder) }
    }
  }

  @Test func indexCannotLeaveTheFolder() throws {
    for name in [
      "../x.safetensors", "/etc/passwd", "a/b.safetensors", "..", "", "x.bin",
      "a\\u0000.safetensors",
    ] {
      let json = "{\"weight_map\":{\"t\":\"\(name)\"}}"
      do {
        _ = try SafetensorsIndex.parse(Array(json.utf8), file: "i")
        Issue.record("\(name) was accepted")
      } catch {
        guard case .unsafeFileName = error else {
          Issue.record("\(name): \(error)")
          continue
        }
      }
    }
  }

  @Test func brokenIndexes() {
    let bad = [
      "", "[]", "{}", #"{"weight_map":[]}"#, #"{"weight_map":{"a":1}}"#,
      #"{"weight_map":{},"weight_map":{}}"#, #"{"weight_map":{}} x"#,
      #"{"weight_map":{"a":"x.safetensors","a":"x.safetensors"}}"#,
    ]
    for json in bad {
      #expect(throws: SafetensorsError.self, "\(json)") {
        try SafetensorsIndex.parse(Array(json.utf8), file: "i")
      }
    }
  }
}
