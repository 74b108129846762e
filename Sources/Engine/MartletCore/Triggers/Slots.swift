/// The slots of a time schedule, with its zone at hand.
enum Slots: Sendable {
    case cron(CronExpression, ZoneRules)
    /// Both in microseconds.
    case every(Int64, offset: Int64)

    /// `nil` for a topic, and for a schedule that `Trigger.fault` refuses.
    init?(_ schedule: Trigger.Schedule) {
        switch schedule {
        case .cron(let expression, let zone):
            do throws(ZoneError) {
                self = .cron(expression, try ZoneRules(zone))
            } catch {
                return nil
            }
        case .every(let interval, let offset):
            guard interval > .zero, offset >= .zero, offset < interval else { return nil }
            self = .every(interval.microseconds, offset: offset.microseconds)
        case .topic: return nil
        }
    }

    /// The first slot after `time`.
    func next(after time: Timestamp) -> Timestamp? {
        switch self {
        case .cron(let expression, let zone): return expression.next(after: time, in: zone)
        case .every(let interval, let offset):
            let passed = (time.microseconds - offset).flooredQuotient(by: interval).quotient
            let next = (passed + 1) * interval + offset
            return next > Timestamp.distantFuture.microseconds ? nil : Timestamp(microseconds: next)
        }
    }

    /// The last slot not after `time`, where `slot` is one that is not after it: found by halving, however many lie in between.
    func last(notAfter time: Timestamp, from slot: Timestamp) -> Timestamp {
        var (low, high) = (slot, time)
        while let following = next(after: low), following <= time {
            low = following
            let middle = Timestamp(microseconds: low.microseconds + (high.microseconds - low.microseconds) / 2)
            if let later = next(after: middle), later <= time { low = later } else { high = middle }
        }
        return low
    }
}
