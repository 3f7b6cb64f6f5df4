import CEngram

/// The version of the header that this library was built with.
@c @implementation public func engram_abi_version() -> Int32 { ENGRAM_ABI_VERSION }
