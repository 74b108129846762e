import MartletCore

/// Schedules as people read them.
enum ScheduleText {
    static func text(_ schedule: Trigger.Schedule) -> String {
        switch schedule {
        case .cron(let expression, _): expression.text
        case .every(let interval, let offset):
            "every \(TimeText.exact(interval))" + (offset == .zero ? "" : ", \(TimeText.exact(offset)) later")
        case .topic(let stream, let filter):
            "on " + (filter.type.map { "'\($0)'" } ?? "every event") + " in \(stream)"
                + (filter.fields.isEmpty ? "" : " where \(filter.fields.keys.sorted().joined(separator: ", ")) match")
        }
    }

    static func zone(_ schedule: Trigger.Schedule) -> String? {
        if case .cron(_, let zone) = schedule { zone } else { nil }
    }

    /// What happens in the two cases that a schedule leaves open.
    static func policy(_ trigger: Trigger) -> String {
        let overlap =
            switch trigger.overlap {
            case .skip: "While one is unfinished, the next is skipped"
            case .queue: "They run one after another"
            case .cancel: "A new one cancels the unfinished ones"
            }
        if case .topic = trigger.schedule { return "\(overlap)." }
        let missed =
            switch trigger.missed {
            case .skip: "missed slots are dropped"
            case .last: "of missed slots the last is made up for"
            case .all: "every missed slot is made up for"
            }
        return "\(overlap); \(missed)." + (trigger.jitter > .zero ? " Spread over \(TimeText.exact(trigger.jitter))." : "")
    }
}
