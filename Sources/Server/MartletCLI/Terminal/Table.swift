/// Rows for people: aligned columns, cut to the width of the terminal.
struct Table: Sendable {
    struct Column: Sendable {
        enum Alignment: Sendable {
            case left, right
        }

        var title: String
        var alignment = Alignment.left
        /// Gives way where the terminal is too narrow; the others keep their width.
        var isFlexible = false

        static func text(_ title: String) -> Column { Column(title: title) }
        static func number(_ title: String) -> Column { Column(title: title, alignment: .right) }
        static func flexible(_ title: String) -> Column { Column(title: title, isFlexible: true) }
    }

    /// The narrowest a flexible column gets.
    private static let flexibleWidthMin = 8
    private static let gap = "  "

    let columns: [Column]
    private(set) var rows: [[String]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// - Parameter cells: one for each column, in order.
    mutating func add(_ cells: [String]) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        rows.append(cells.map(TextWidth.harmless))
    }

    /// The lines, the titles first.
    /// - Parameter width: columns of the terminal; `nil` cuts nothing.
    func render(width: Int?) -> [String] {
        let widths = fit(to: width)
        return ([columns.map(\.title)] + rows).map { line($0, widths) }
    }

    private func line(_ cells: [String], _ widths: [Int]) -> String {
        var parts: [String] = []
        for (index, cell) in cells.enumerated() {
            let text = TextWidth.cut(cell, to: widths[index])
            let padding = String(repeating: " ", count: widths[index] - TextWidth.of(text))
            parts.append(columns[index].alignment == .right ? padding + text : text + padding)
        }
        var line = parts.joined(separator: Self.gap)
        while line.last == " " { line.removeLast() }
        return line
    }

    private func fit(to width: Int?) -> [Int] {
        var widths = columns.indices.map { index in
            max(TextWidth.of(columns[index].title), rows.map { TextWidth.of($0[index]) }.max() ?? 0)
        }
        guard let width else { return widths }
        var excess = widths.reduce(Self.gap.count * (columns.count - 1), +) - width
        // The widest gives way first, so that two long columns end up alike.
        while excess > 0 {
            let candidates = columns.indices.filter { columns[$0].isFlexible && widths[$0] > Self.flexibleWidthMin }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }
}
