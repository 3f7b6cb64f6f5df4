/// Metrics in Prometheus' text format, version 0.0.4.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
struct Exposition {
  /// The type of the answer.
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private(set) var text = ""

  /// Begins a metric.
  mutating func begin(_ name: String, _ type: String, _ help: String) {
    let help = help.escaped([#"\"#: #"\\"#, "\n": #"\n"#])
    text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
  }

  /// One line: a series and its value.
  mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: String) {
    text += name
    if !labels.isEmpty {
      let pairs = labels.map { label in
        "\(label.name)=\"\(label.value.escaped([#"\"#: #"\\"#, "\n": #"\n"#, "\"": #"\""#]))\""
      }
      text += "{\(pairs.joined(separator: ","))}"
    }
    text += " \(value)\n"
  }

  /// A whole metric with one series.
  mutating func one(_ name: String, _ type: String, _ help: String, _ value: String) {
    begin(name, type, help)
    sample(name, [], value)
  }

  /// A metric of counters.
  mutating func counters(_ name: String, _ help: String, _ family: SeriesFamily<Counter>) {
    begin(name, "counter", help)
    for (values, counter) in family.all {
      sample(name, pairs(family.labels, values), "\(counter.value)")
    }
  }

  /// A metric of histograms: cumulative buckets, sum and count, which agree.
  mutating func histograms(_ name: String, _ help: String, _ family: SeriesFamily<Histogram>) {
    begin(name, "histogram", help)
    for (values, histogram) in family.all {
      let labels = pairs(family.labels, values)
      let (buckets, seconds) = histogram.reading
      var count: UInt64 = 0
      for (index, bucket) in buckets.enumerated() {
        count &+= bucket
        let bound = index < Histogram.bounds.count ? "\(Histogram.bounds[index])" : "+Inf"
        sample(name + "_bucket", labels + [("le", bound)], "\(count)")
      }
      sample(name + "_sum", labels, "\(seconds)")
      sample(name + "_count", labels, "\(count)")
    }
  }

  private func pairs(_ names: [String], _ values: [String]) -> [(name: String, value: String)] {
    zip(names, values).map { ($0, $1) }
  }
}

extension String {
  /// With these characters written as others.
  fileprivate func escaped(_ signs: [Unicode.Scalar: String]) -> String {
    guard unicodeScalars.contains(where: { signs[$0] != nil }) else { return self }
    return unicodeScalars.reduce(into: "") { $0 += signs[$1] ?? String($1) }
  }
}
