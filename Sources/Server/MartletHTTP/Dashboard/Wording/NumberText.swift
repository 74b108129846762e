/// Numbers as people read them.
enum NumberText {
    /// Digits in groups of three, with narrow spaces that do not break: `1 234 567`.
    static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        guard digits.count > 4 else { return String(number) }
        var text = number < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "\u{202F}" }
            text.append(digit)
        }
        return text
    }

    /// `1 job`, `2 jobs`.
    static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(grouped(number)) \(number == 1 ? one : many)"
    }

    /// A size in bytes, in the units of IEC 80000-13.
    static func bytes(_ count: Int) -> String {
        switch count {
        case ..<1024: Self.count(count, "byte", "bytes")
        case ..<(1 << 20): "\(tenths(count, 1 << 10)) KiB"
        default: "\(tenths(count, 1 << 20)) MiB"
        }
    }

    /// `0.4` as `40 %`.
    static func percent(_ fraction: Double) -> String { "\(Int((fraction * 100).rounded(.down)))\u{00A0}%" }

    /// Seconds without a needless fraction, as a form's field has them.
    static func seconds(_ duration: Duration) -> String {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        return seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
    }

    private static func tenths(_ count: Int, _ unit: Int) -> String {
        let tenths = (count * 10 + unit / 2) / unit
        return tenths % 10 == 0 ? String(tenths / 10) : "\(tenths / 10).\(tenths % 10)"
    }
}
