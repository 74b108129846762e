extension CronExpression {
    /// The first slot after `time`, a whole second; `nil` where none comes before the year 10000.
    ///
    /// When clocks change (the distinction is that of Vixie and ISC cron):
    /// - An expression with a fixed minute and hour (`30 2 * * *`) names times of the day, and each comes once a day. A time that is
    ///   skipped when clocks go forward comes at the first instant after the gap; a time that comes twice when they go back counts
    ///   the first time. Times that thereby fall on the same instant are one slot.
    /// - An expression whose minute or hour starts with `*` (`*/15 * * * *`) follows elapsed time: it comes in both passes of a repeated
    ///   hour, and what a gap skips is not made up for.
    public func next(after time: Timestamp, in zone: ZoneRules) -> Timestamp? {
        let last = time.microseconds.flooredQuotient(by: 1_000_000).quotient
        let found = followsElapsedTime ? nextElapsed(from: last + 1, zone) : nextFixed(after: last, zone)
        guard let found, found <= Timestamp.distantFuture.microseconds / 1_000_000 else { return nil }
        return Timestamp(seconds: found)
    }

    /// The first matching local time from `local` on; both count seconds on the wall clock from 1970-01-01T00:00:00.
    private func localTime(onOrAfter local: Int64) -> Int64? {
        let (today, second) = local.flooredQuotient(by: 86_400)
        guard let day = days.day(onOrAfter: today) else { return nil }
        if day == today {
            if let found = timeOfDay(onOrAfter: Int(second)) { return day * 86_400 + Int64(found) }
            guard let later = days.day(onOrAfter: day + 1), let first = timeOfDay(onOrAfter: 0) else { return nil }
            return later * 86_400 + Int64(first)
        }
        return timeOfDay(onOrAfter: 0).map { day * 86_400 + Int64($0) }
    }

    private func timeOfDay(onOrAfter second: Int) -> Int? {
        let (hour, minute) = (second / 3600, second / 60 % 60)
        if hours.holds(hour) {
            if minutes.holds(minute), let found = seconds.value(from: second % 60) { return hour * 3600 + minute * 60 + found }
            if let later = minutes.value(from: minute + 1), let first = seconds.value(from: 0) { return hour * 3600 + later * 60 + first }
        }
        guard let later = hours.value(from: hour + 1), let firstMinute = minutes.value(from: 0), let first = seconds.value(from: 0) else {
            return nil
        }
        return later * 3600 + firstMinute * 60 + first
    }

    /// The first matching local time that no clock had shown, or passed over, by `last`.
    private func nextFixed(after last: Int64, _ zone: ZoneRules) -> Int64? {
        localTime(onOrAfter: zone.latestLocal(by: last) + 1).map(zone.firstSecond(reaching:))
    }

    /// Looks through the spans of constant offset one by one, since inside each of them local time is elapsed time.
    private func nextElapsed(from second: Int64, _ zone: ZoneRules) -> Int64? {
        var span = zone.span(at: second)
        var cursor = second
        while let local = localTime(onOrAfter: cursor + span.offset) {
            let found = local - span.offset
            guard found >= span.end else { return found }
            // Beyond the first change of the clocks, whose repeated hour may hold a match, nothing matches until shortly before `local`.
            cursor = cursor == second ? span.end : max(span.end, found - 2 * 86_400)
            span = zone.span(at: cursor)
        }
        return nil
    }
}

extension UInt64 {
    fileprivate func holds(_ value: Int) -> Bool { self >> UInt64(value) & 1 == 1 }

    /// The lowest bit from this one on. A position of 60 is the end of every field.
    fileprivate func value(from position: Int) -> Int? {
        let left = self >> UInt64(position)
        return left == 0 ? nil : position + left.trailingZeroBitCount
    }
}
