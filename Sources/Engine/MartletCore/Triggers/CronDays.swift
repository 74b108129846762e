/// Which days a cron expression lets through.
struct CronDays: Sendable, Hashable {
    private let months: UInt64
    private let daysOfMonth: UInt64
    private let hasLastDay: Bool
    private let weekdays: UInt64
    private let ordinals: UInt64
    private let lastWeekdays: UInt64
    /// Vixie cron's rule: where day of month and day of week are both restricted, either is enough; otherwise both must match. A field
    /// that starts with `*` is not restricted, so `*/2` and a weekday must both match (crontab(5) of ISC cron).
    private let eitherSuffices: Bool

    /// The Gregorian calendar repeats after 400 years: a day that does not come in so many months never comes.
    private static let horizonMonths = 4800

    init(dayOfMonth: CronField, month: CronField, dayOfWeek: CronField) {
        months = month.values
        daysOfMonth = dayOfMonth.values
        hasLastDay = dayOfMonth.hasLastDay
        weekdays = dayOfWeek.values
        ordinals = dayOfWeek.ordinals
        lastWeekdays = dayOfWeek.lastWeekdays
        eitherSuffices = !dayOfMonth.isWild && !dayOfWeek.isWild
    }

    /// The first matching day from this one on, in days since 1970-01-01; `nil` where none ever comes.
    func day(onOrAfter day: Int64) -> Int64? {
        let start = CivilDate(daysSinceEpoch: day)
        var (year, month, from) = (start.year, start.month, UInt64(start.day))
        for _ in 0...Self.horizonMonths {
            let left = days(of: month, year) & (UInt64.max << from)
            if left != 0 { return CivilDate(year: year, month: month, day: left.trailingZeroBitCount).daysSinceEpoch }
            (year, month, from) = month == 12 ? (year + 1, 1, 1) : (year, month + 1, 1)
        }
        return nil
    }

    /// The matching days of one month: bit n is the n-th.
    private func days(of month: Int, _ year: Int64) -> UInt64 {
        guard months >> UInt64(month) & 1 == 1 else { return 0 }
        let count = UInt64(CivilDate.days(inMonth: month, of: year))
        let all: UInt64 = (1 << (count + 1)) - 2
        let byDay = (daysOfMonth | (hasLastDay ? 1 << count : 0)) & all
        // Every weekday lets every day through, which spares most expressions the loop below.
        if weekdays == 0x7F { return eitherSuffices ? all : byDay }
        let byWeekday = daysByWeekday(startingOn: CivilDate(year: year, month: month, day: 1).weekday, count) & all
        return eitherSuffices ? byDay | byWeekday : byDay & byWeekday
    }

    private func daysByWeekday(startingOn firstWeekday: Int, _ count: UInt64) -> UInt64 {
        let everySeventh: UInt64 = 1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28
        var days: UInt64 = 0
        for weekday in 0..<7 {
            let first = UInt64(1 + (weekday - firstWeekday + 7) % 7)
            if weekdays >> UInt64(weekday) & 1 == 1 { days |= everySeventh << first }
            if lastWeekdays >> UInt64(weekday) & 1 == 1 { days |= 1 << (first + (count - first) / 7 * 7) }
            for week in 0..<5 where ordinals >> UInt64(7 * week + weekday) & 1 == 1 { days |= 1 << (first + UInt64(7 * week)) }
        }
        return days
    }
}
