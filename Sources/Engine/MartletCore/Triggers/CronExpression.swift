/// A cron schedule in five fields (minute, hour, day of month, month, day of week) or six (seconds first).
///
/// A field holds `*`, values, ranges `a-b`, steps `*/n`, `a-b/n` or `a/n` (from a on), and lists of them. Months and weekdays may be spelled
/// `jan`…`dec` and `sun`…`sat`; Sunday is 0 and 7. Day of month knows `L` (the last day), day of week `d#k` (the k-th such day of the
/// month) and `dL` (the last one); `?` is `*` in both. `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly` and
/// `@annually` are abbreviations.
///
/// Where day of month and day of week are both restricted, either is enough (see `CronDays`). What happens when a clock is put forward
/// or back is said at `next(after:in:)`.
///
/// Two expressions are equal where they mean the same, however they are spelled.
public struct CronExpression: Sendable {
    /// The expression as it was given.
    public let text: String
    let seconds: UInt64
    let minutes: UInt64
    let hours: UInt64
    let days: CronDays
    /// Whether the minute or the hour starts with `*`: such a schedule means "every so often" and follows elapsed time through a change
    /// of the clocks, as in Vixie cron.
    let followsElapsedTime: Bool

    private static let lengthMax = 255

    private static let macros = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *",
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// - Throws: what is wrong, at which field, and what is allowed there; also for a date that never comes, such as 30 February.
    public init(_ text: String) throws(CronError) {
        guard text.utf8.count <= Self.lengthMax else {
            throw CronError("a cron expression must not be longer than \(Self.lengthMax) bytes")
        }
        self.text = text
        let fields = try Self.fields(of: text)
        let isShort = fields.count == 5
        let second = try CronField(isShort ? "0" : fields[0], .second)
        let rest = Array(isShort ? fields[...] : fields.dropFirst())
        let minute = try CronField(rest[0], .minute)
        let hour = try CronField(rest[1], .hour)
        (seconds, minutes, hours) = (second.values, minute.values, hour.values)
        followsElapsedTime = minute.isWild || hour.isWild
        days = CronDays(
            dayOfMonth: try CronField(rest[2], .dayOfMonth), month: try CronField(rest[3], .month),
            dayOfWeek: try CronField(rest[4], .dayOfWeek))
        guard days.day(onOrAfter: 0) != nil else {
            throw CronError("day of month '\(rest[2])' never comes in month '\(rest[3])' on day of week '\(rest[4])': no year has such a day")
        }
    }

    private static func fields(of text: String) throws(CronError) -> [Substring] {
        var fields = text.split { $0 == " " || $0 == "\t" }
        if let name = fields.first, name.hasPrefix("@") {
            guard fields.count == 1, let expansion = macros[name.lowercased()] else {
                throw CronError("'\(text)' is not a known abbreviation; allowed are \(macros.keys.sorted().joined(separator: ", "))")
            }
            fields = expansion.split(separator: " ")
        }
        guard !fields.isEmpty else {
            throw CronError("a cron expression must not be empty: give minute, hour, day of month, month and day of week, as in '0 3 * * *'")
        }
        guard fields.count == 5 || fields.count == 6 else {
            throw CronError(
                "'\(text)' has \(fields.count) fields; allowed are five (minute, hour, day of month, month, day of week) or six (second first)")
        }
        return fields
    }
}

extension CronExpression: Hashable, CustomStringConvertible {
    public static func == (a: CronExpression, b: CronExpression) -> Bool {
        a.seconds == b.seconds && a.minutes == b.minutes && a.hours == b.hours && a.days == b.days
            && a.followsElapsedTime == b.followsElapsedTime
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(seconds)
        hasher.combine(minutes)
        hasher.combine(hours)
        hasher.combine(days)
        hasher.combine(followsElapsedTime)
    }

    public var description: String { text }
}
