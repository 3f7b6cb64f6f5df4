import CEngram

/// The version of the header that this library was built with.
@c(engram_abi_version) @implementation
public func abiVersion() -> Int32 { ENGRAM_ABI_VERSION }
