import MartletCore

/// The values that limit headers are made of. Each function is total.
enum LimitValue {
    /// A member of a structured field: a name, and parameters; the value of `name=value` is the parameter with the empty name.
    struct Item: Sendable, Hashable {
        var name: String
        var parameters: [String: String] = [:]
    }

    static let nameBytesMax = 20
    private static let countMax = 1_000_000_000

    /// The first number of the text, cut to whole ones: `100`, `100, 100;w=60`, `12.0`. Nothing below zero.
    static func count(_ text: String) -> Int? {
        guard let value = number(String(text.prefix { $0 != "," && $0 != ";" })) else { return nil }
        return Int(min(value, Double(countMax)))
    }

    /// A decimal number that is not negative, without sign, exponent or words.
    static func number(_ text: String) -> Double? {
        let digits = trimmed(text)
        guard (1...24).contains(digits.utf8.count), digits.utf8.allSatisfy({ ($0 >= 48 && $0 <= 57) || $0 == 46 }) else { return nil }
        guard let value = Double(digits), value.isFinite else { return nil }
        return value
    }

    static func clamped(_ value: Double) -> Int64 { Int64(max(0, min(value, 9e15))) }

    /// Rounded up to whole microseconds, and never longer than `LimitHeaders.resetMax`.
    static func span(seconds: Double) -> Duration {
        .microseconds(min(clamped((seconds * 1_000_000).rounded(.up)), LimitHeaders.resetMax.microseconds))
    }

    /// `Retry-After`: whole seconds or an HTTP date, and a decimal fraction where a server writes one.
    static func delay(_ text: String, now: Timestamp) -> Duration? {
        if let seconds = number(text) { return span(seconds: seconds) }
        return RetryAfter.parse(text, now: now).map { min($0, LimitHeaders.resetMax) }
    }

    /// When a limit resets: seconds from now, seconds or milliseconds since 1970 (told apart by their size), RFC 3339, an HTTP date, or a duration
    /// like `6m0s`.
    static func reset(_ text: String, now: Timestamp) -> Duration? {
        if let value = number(String(text.prefix { $0 != "," && $0 != ";" })) {
            if value < 1e9 { return span(seconds: value) }
            let instant = Timestamp(microseconds: clamped(value < 1e11 ? value * 1_000_000 : value * 1000))
            return bounded(instant - now)
        }
        let text = String(trimmed(text))
        if let instant = Timestamp(rfc3339: text) { return bounded(instant - now) }
        return duration(text) ?? RetryAfter.parse(text, now: now).map(bounded)
    }

    private static func bounded(_ span: Duration) -> Duration { min(max(span, .zero), LimitHeaders.resetMax) }

    /// `1s`, `6m0s`, `8.64s`, `120ms`, `1h2m3s`, `1d`.
    static func duration(_ text: String) -> Duration? {
        guard (2...32).contains(text.utf8.count) else { return nil }
        var seconds = 0.0
        var rest = text[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = number(String(digits)), let factor = units[String(unit)] else { return nil }
            seconds += value * factor
        }
        return span(seconds: seconds)
    }

    private static let units = ["d": 86_400, "h": 3600, "m": 60, "s": 1, "ms": 0.001, "us": 0.000_001, "ns": 0.000_000_001]

    /// The members of a list or dictionary of RFC 9651, as far as limits need them: tokens and strings, with parameters. What cannot be read is
    /// left out.
    static func items(_ text: String) -> [Item] {
        split(text, at: 0x2C).prefix(32).compactMap { member in
            var parts = split(member, at: 0x3B).prefix(16).map { String(trimmed($0)) }[...]
            guard let head = parts.popFirst(), !head.isEmpty else { return nil }
            let pair = head.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = String(trimmed(pair[0])).filter { $0 != "\"" && $0 != "\\" }
            guard !name.isEmpty, name.utf8.count <= nameBytesMax, !name.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F }) else { return nil }
            var item = Item(name: name.lowercased())
            if pair.count == 2 { item.parameters[""] = String(trimmed(pair[1])) }
            for part in parts {
                let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
                if pair.count == 2 { item.parameters[String(trimmed(pair[0]))] = String(trimmed(pair[1])) }
            }
            return item
        }
    }

    /// Splits at a byte outside of quotes.
    private static func split(_ text: String, at separator: UInt8) -> [String] {
        var parts: [String] = []
        var part: [UInt8] = []
        var isQuoted = false
        for byte in text.utf8 {
            if byte == 0x22 { isQuoted.toggle() }
            if byte == separator, !isQuoted {
                parts.append(String(decoding: part, as: UTF8.self))
                part = []
            } else {
                part.append(byte)
            }
        }
        return parts + [String(decoding: part, as: UTF8.self)]
    }

    private static func trimmed(_ text: String) -> Substring {
        var text = text[...]
        while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
        while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
        return text
    }
}
