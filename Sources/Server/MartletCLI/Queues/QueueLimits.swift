import MartletCore

/// A queue's policy in words.
enum QueueLimits {
    static func text(of queue: QueueState) -> String {
        var words = queue.isPaused ? ["PAUSED"] : []
        let policy = queue.policy
        if let limit = policy.concurrency { words.append("\(limit) at once") }
        if let limit = policy.perTenant { words.append("\(limit) per tenant") }
        if let rate = policy.rate { words.append("\(rate.count) per \(Wording.duration(rate.per))") }
        if let high = policy.highWater { words.append("refuses at \(Wording.count(high))") }
        return words.isEmpty ? "none" : words.joined(separator: ", ")
    }

    static func facts(of queue: QueueState) -> [(name: String, value: String)] {
        func limit(_ value: Int?) -> String { value.map(Wording.count) ?? "no limit" }
        let (policy, counts) = (queue.policy, queue.counts)
        let rate = policy.rate.map { "\($0.count) per \(Wording.duration($0.per)), at most \($0.burst) at once" } ?? "no limit"
        return [
            ("queue", queue.name), ("paused", queue.isPaused ? "yes" : "no"), ("concurrency", limit(policy.concurrency)),
            ("per tenant", limit(policy.perTenant)), ("rate", rate), ("high water", limit(policy.highWater)),
            ("low water", policy.lowWater.map(Wording.count) ?? "three fifths of high water"), ("retention", Wording.duration(policy.retention)),
            ("ready", Wording.count(counts.ready)), ("running", Wording.count(counts.running)), ("waiting", Wording.count(counts.waiting)),
            ("succeeded", Wording.count(counts.succeeded)), ("failed", Wording.count(counts.failed)),
            ("cancelled", Wording.count(counts.cancelled)),
        ]
    }
}
