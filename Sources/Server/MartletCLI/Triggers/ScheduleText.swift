import MartletCore

/// A schedule in words.
enum ScheduleText {
    static func of(_ schedule: Trigger.Schedule) -> String {
        switch schedule {
        case .cron(let expression, let zone): return "cron \(expression.text) in \(zone)"
        case .every(let interval, let offset):
            return "every \(Wording.duration(interval))" + (offset > .zero ? " plus \(Wording.duration(offset))" : "")
        case .topic(let stream, let filter):
            let fields = filter.fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return (["each event of \(stream)"] + (filter.type.map { ["of type \($0)"] } ?? []) + fields).joined(separator: " ")
        }
    }

    /// The zone in which a person reads this schedule's slots.
    static func zone(of schedule: Trigger.Schedule) -> String {
        if case .cron(_, let zone) = schedule { zone } else { "UTC" }
    }
}
