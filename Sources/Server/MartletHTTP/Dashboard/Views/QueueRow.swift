import MartletCore

/// A queue at a glance.
struct QueueRow {
    let queue: QueueState

    var values: PageValues {
        let (counts, policy) = (queue.counts, queue.policy)
        return [
            "queueName": queue.name, "queueHref": PageLink.queue(queue.name), "queuePaused": queue.isPaused,
            "queueRefusing": policy.highWater.map { counts.ready >= $0 } ?? false, "queueReady": NumberText.grouped(counts.ready),
            "queueRunning": NumberText.grouped(counts.running), "queueLimit": policy.concurrency.map(NumberText.grouped).orFalse,
            "queueWaiting": NumberText.grouped(counts.waiting), "queueFailed": NumberText.grouped(counts.failed),
            "queueHasFailed": counts.failed > 0, "queueFailedHref": PageLink.jobs([("queue", queue.name), ("outcome", "failed")]),
            "queueFinished": String(counts.finished), "queueRate": policy.rate.map(Self.text).orFalse, "queueVerb": verb.capitalized,
            "queueAction": "\(PageLink.queue(queue.name))/\(verb.word)",
        ]
    }

    private var verb: (word: String, capitalized: String) { queue.isPaused ? ("resume", "Resume") : ("pause", "Pause") }

    private static func text(_ rate: Rate) -> String {
        let span = rate.per == .seconds(1) ? "s" : rate.per == .seconds(60) ? "min" : rate.per == .seconds(3600) ? "h" : TimeText.exact(rate.per)
        return "\(NumberText.grouped(rate.count)) / \(span)" + (rate.burst == rate.count ? "" : ", burst \(NumberText.grouped(rate.burst))")
    }
}
