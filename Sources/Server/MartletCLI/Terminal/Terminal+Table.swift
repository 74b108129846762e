extension Terminal {
    /// A table, its titles in bold and cut to the width of the terminal; whole where the output is no terminal. Nothing where it is empty.
    func say(_ table: Table) {
        guard !table.rows.isEmpty else { return }
        let lines = table.render(width: outputIsTerminal ? width : nil)
        say([style(lines[0], .bold)] + lines.dropFirst())
    }

    /// Names and what they are, in two columns.
    func say(facts: [(name: String, value: String)]) {
        let names = facts.map { TextWidth.of($0.name) }.max() ?? 0
        for (name, value) in facts {
            let padding = String(repeating: " ", count: names - TextWidth.of(name) + 2)
            say(style(name, .dim) + padding + TextWidth.harmless(value))
        }
    }
}
