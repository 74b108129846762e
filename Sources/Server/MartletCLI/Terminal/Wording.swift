import MartletCore

/// Times and amounts as people say them.
enum Wording {
    /// `450 ms`, `2.4 s`, `3 min 20 s`, `5 h 12 min`, `3 d 4 h`.
    static func duration(_ duration: Duration) -> String {
        let microseconds = max(0, duration.microseconds)
        if microseconds < 1000 { return "\(microseconds) µs" }
        if microseconds < 1_000_000 { return "\(microseconds / 1000) ms" }
        if microseconds < 10_000_000 { return "\(microseconds / 1_000_000).\(microseconds % 1_000_000 / 100_000) s" }
        let seconds = microseconds / 1_000_000
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return pair(seconds / 60, "min", seconds % 60, "s")
        case ..<86_400: return pair(seconds / 3600, "h", seconds % 3600 / 60, "min")
        default: return pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
        }
    }

    private static func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
        small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
    }

    /// `12 s ago`, `in 3 min 20 s`, `now`.
    static func relative(_ time: Timestamp, now: Timestamp) -> String {
        if time == .distantFuture { return "never" }
        let difference = time - now
        if difference > .zero - .seconds(1), difference < .seconds(1) { return "now" }
        return difference < .zero ? "\(duration(.zero - difference)) ago" : "in \(duration(difference))"
    }

    /// `1234567` as `1 234 567`.
    static func count(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(" ") }
            text.append(digit)
        }
        return number < 0 ? "-\(text)" : text
    }

    /// `512 B`, `1.5 KiB`, `20 MiB`.
    static func bytes(_ bytes: Int) -> String {
        var (value, unit) = (Double(bytes), 0)
        while value >= 1024, unit < 4 {
            value /= 1024
            unit += 1
        }
        let text = unit == 0 || value >= 10 ? "\(Int(value.rounded()))" : decimal(value, 1)
        return "\(text) \(["B", "KiB", "MiB", "GiB", "TiB"][unit])"
    }

    /// With so many digits after the point.
    static func decimal(_ value: Double, _ digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = Int((value.magnitude * scale).rounded())
        let whole = scaled / Int(scale)
        guard digits > 0 else { return "\(value < 0 ? "-" : "")\(whole)" }
        let fraction = String(scaled % Int(scale))
        return "\(value < 0 ? "-" : "")\(whole).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }

    /// `1 job`, `7 jobs`.
    static func plural(_ number: Int, _ noun: String) -> String { plural(number, noun, "\(noun)s") }
    static func plural(_ number: Int, _ one: String, _ many: String) -> String { "\(count(number)) \(number == 1 ? one : many)" }
}
