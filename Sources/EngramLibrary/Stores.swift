// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

// The names are those of engram.h, which also documents these functions.
import CEngram
import Serving

extension LiveStore: Handled {
  static var kind: HandleKind { .store }
}

@c @implementation
public func engram_store_open(
  _ path: UnsafePointer<CChar>?, _ store: UnsafeMutablePointer<engram_store>?
) -> engram_status {
  answering {
    let store = try given(store, "store")
    store.pointee = Handles.add(try LiveStore(path: text(path, "path")))
  }
}

@c @implementation
public func engram_store_close(_ store: engram_store) -> engram_status {
  answering { try Handles.close(store, LiveStore.self) }
}

@c @implementation
public func engram_store_list(
  _ store: engram_store, _ json: UnsafeMutablePointer<engram_text>?
) -> engram_status {
  answering {
    let json = try given(json, "json")
    let listing = try StoreListing(Handles.get(store, LiveStore.self).now())
    give(try JSONBody.encode(listing), to: json)
  }
}
