/// A row of the audits that this package answers is proven by a test whose display name begins with the row's id, or by a script that does.
enum AuditRule {
    /// The answered rows. One that loses its last test is a broken promise.
    static let answered: [String] =
        rows("S0", 6...19) + rows("S0", 22...23) + rows("S0", 26...29) + ["S0-43", "S0-47", "S0-55"] + rows("S2", 25...28) + rows("S2", 42...52)
        + ["S2-55"] + rows("S3", 1...9) + rows("S3", 11...16) + rows("S4", 13...17) + ["H0-13"]

    private static func rows(_ audit: String, _ numbers: ClosedRange<Int>) -> [String] { numbers.map { "\(audit)-\($0)" } }

    /// Rows that no test in these files begins with.
    static func missing(in files: [SourceFile]) -> [String] {
        let proven = files.reduce(into: Set<String>()) { $0.formUnion(ids(in: $1)) }
        return answered.filter { !proven.contains($0) }
    }

    /// The ids that display names begin with, or in a script the lines of its comments and of its first words.
    static func ids(in file: SourceFile) -> Set<String> {
        guard file.path.hasSuffix(".swift") else {
            let lines = String(decoding: file.raw, as: UTF8.self).split(separator: "\n")
            return leading(lines.filter { $0.hasPrefix("#") || $0.hasPrefix("\"") }.map { $0.drop { "#\" ".contains($0) } })
        }
        guard file.isTest else { return [] }
        return leading(texts(after: "@Test(", until: UInt8(ascii: "\""), in: file) + texts(after: "func ", until: UInt8(ascii: "`"), in: file))
    }

    /// What stands in quotes behind `word` and white space.
    private static func texts(after word: String, until quote: UInt8, in file: SourceFile) -> [Substring] {
        file.offsets(of: word, in: file.raw).compactMap { offset in
            let rest = file.raw[(offset + word.utf8.count)...].drop { $0 == 0x20 || $0 == 0x0A }
            guard rest.first == quote else { return nil }
            return Substring(decoding: rest.dropFirst().prefix { $0 != quote && $0 != 0x0A }, as: UTF8.self)
        }
    }

    /// `S2-49, S2-51 H2-3: …` begins with three.
    private static func leading(_ names: [Substring]) -> Set<String> {
        var found: Set<String> = []
        for name in names {
            for word in name.split(whereSeparator: { $0 == " " || $0 == "," }) {
                let id = word.last == ":" ? word.dropLast() : word
                guard id.wholeMatch(of: #/[A-Z][0-9]-[0-9]+/#) != nil else { break }
                found.insert(String(id))
                if word.last == ":" { break }
            }
        }
        return found
    }
}
