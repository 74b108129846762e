/// The `Retry-After` header (RFC 9110, section 10.2.3): a number of seconds or an HTTP date.
public enum RetryAfter {
    /// How long to wait from `now`; zero for a date that has passed, `nil` for a value that is neither.
    public static func parse(_ value: String, now: Timestamp) -> Duration? {
        let text = value.trimmingSpace
        if !text.isEmpty, text.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
            // More digits than fit mean "not before the end of time": the caller's cap decides.
            return .seconds(Swift.min(Int64(text) ?? .max, Int64(Limits.delay.components.seconds)))
        }
        guard let date = httpDate(text, now) else { return nil }
        return Swift.max(date - now, .zero)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// All three forms that RFC 9110, section 5.6.7, tells recipients to accept.
    private static func httpDate(_ text: Substring, _ now: Timestamp) -> Timestamp? {
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }
        if words.count == 6, words[5] == "GMT" {
            // Sun, 06 Nov 1994 08:49:37 GMT; Sunday, 06-Nov-94 08:49:37 GMT
            return timestamp(year: words[3], month: words[2], day: words[1], time: words[4], now)
        }
        if words.count == 5 {
            // Sun Nov  6 08:49:37 1994
            return timestamp(year: words[4], month: words[1], day: words[2], time: words[3], now)
        }
        return nil
    }

    private static func timestamp(year: Substring, month: Substring, day: Substring, time: Substring, _ now: Timestamp) -> Timestamp? {
        let clock = time.split(separator: ":").compactMap(number)
        guard let month = months.firstIndex(where: { $0 == month }), let day = number(day), let written = number(year),
            clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] <= 60
        else { return nil }
        let fullYear: Int
        switch year.count {
        case 4: fullYear = written
        case 2:
            // More than 50 years ahead is the past (RFC 9110): the century is not written.
            let current = Int(CivilDate(daysSinceEpoch: now.microseconds / 86_400_000_000).year)
            let guess = current / 100 * 100 + written
            fullYear = guess > current + 50 ? guess - 100 : guess
        default: return nil
        }
        let date = CivilDate(year: Int64(fullYear), month: month + 1, day: day)
        guard date.isValid else { return nil }
        return Timestamp(seconds: date.daysSinceEpoch * 86_400 + Int64(clock[0] * 3600 + clock[1] * 60 + Swift.min(clock[2], 59)))
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } && text.utf8.count <= 4 ? Int(text) : nil
    }
}

extension String {
    fileprivate var trimmingSpace: Substring {
        var text = self[...]
        while let first = text.utf8.first, first == 0x20 || first == 0x09 { text = text.dropFirst() }
        while let last = text.utf8.last, last == 0x20 || last == 0x09 { text = text.dropLast() }
        return text
    }
}
