import ArgumentParser
import MemoryTables

/// A codec as people write it: `bf16`.
extension RowCodec: ExpressibleByArgument {}
