import Martlet
import MartletCore

/// What a waiting job waits for, and the form that sends it where that is a signal.
struct JobWait {
    let job: JobRecord
    let time: TimeText

    var values: PageValues {
        guard job.phase == .waiting, let wait = job.wait else { return ["waitText": false, "signal": false] }
        let (text, href) = words(wait.condition)
        var values: PageValues = [
            "waitText": text, "waitHref": href.orFalse, "waitDeadline": job.dueAt == .distantFuture ? false : time.values(job.dueAt),
            "signal": false,
        ]
        if let name = Self.signal(wait.condition, of: job.id) {
            values["signal"] = ["signalName": name, "signalAction": "\(PageLink.job(job.id))/signal"] as PageValues
        }
        return values
    }

    private func words(_ condition: Wait.Condition) -> (String, String?) {
        if let name = Self.signal(condition, of: job.id) { return ("the signal '\(name)'", nil) }
        switch condition {
        case .event(let stream, let type, _): return ("an event '\(type)' in the stream '\(stream)'", nil)
        case .children(let group): return ("its children of the group '\(group)'", PageLink.jobs([("parent", job.id.description)]))
        case .turn(let trigger): return ("its turn: an earlier job of the trigger '\(trigger)' is unfinished", PageLink.jobs([("trigger", trigger)]))
        }
    }

    /// The name of the signal, where it is one.
    static func signal(_ condition: Wait.Condition, of job: JobID) -> String? {
        guard case .event(StreamName.job(job), let type, _) = condition, type.hasPrefix(Signal.eventType("")) else { return nil }
        return String(type.dropFirst(Signal.eventType("").count))
    }
}
