import Testing

@testable import MartletCLI

struct TableTests {
    private func table() -> Table {
        var table = Table([.text("ID"), .flexible("KIND"), .number("N")])
        table.add(["1", "a-very-long-kind-of-job", "7"])
        table.add(["22", "b", "1234"])
        return table
    }

    @Test func `columns are aligned, numbers to the right, without blanks at the end`() {
        #expect(
            table().render(width: nil) == [
                "ID  KIND                        N", "1   a-very-long-kind-of-job     7", "22  b                        1234",
            ])
    }

    @Test func `the flexible column gives way to the width of the terminal`() {
        let lines = table().render(width: 22)
        #expect(lines == ["ID  KIND             N", "1   a-very-long…     7", "22  b             1234"])
        #expect(lines.allSatisfy { TextWidth.of($0) <= 22 })
    }

    @Test func `a terminal that is too narrow for anything still gets whole fixed columns`() {
        #expect(table().render(width: 1)[2].hasSuffix("1234"))
    }

    @Test func `wide characters take two columns, combining ones none`() {
        #expect(TextWidth.of("日本") == 4)
        #expect(TextWidth.of("e\u{301}") == 1)
        #expect(TextWidth.cut("日本語", to: 5) == "日本…")
    }

    @Test func `other people's text cannot move the cursor`() {
        #expect(TextWidth.harmless("a\u{1B}[2Jb\n\tc") == "a\u{FFFD}[2Jb\u{FFFD} c")
        #expect(TextWidth.harmless("\u{202E}abc") == "\u{FFFD}abc")
        #expect(TextWidth.harmless("Grüße, 世界") == "Grüße, 世界")
    }
}
