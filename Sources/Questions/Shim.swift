extension Question { public init(parsing t: String) throws { self.init(text: t) } }
extension Condition { public init(parsing t: String) throws { self.init(field: t, comparison: .equal, value: "") } }
