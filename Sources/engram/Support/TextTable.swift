/// Columns for people: the first row is the heading.
enum TextTable {
  static func print(_ rows: [[String]]) {
    guard let columns = rows.first?.count else { return }
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        guard column + 1 < columns else { break }
        line += String(repeating: " ", count: widths[column] - cell.count + 2)
      }
      Swift.print(line)
    }
  }
}
