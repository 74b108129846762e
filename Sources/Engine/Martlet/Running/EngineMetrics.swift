import Metrics
import Synchronization

/// Counts attempts by kind and end, through swift-metrics. Labels are kinds and a closed set of words, so their number is bounded by the code.
final class EngineMetrics: Sendable {
    private struct Meters {
        var counters: [String: Counter] = [:]
        var timers: [String: Timer] = [:]
    }

    private let meters = Mutex(Meters())
    private let environment: Environment

    init(environment: Environment) {
        self.environment = environment
    }

    /// The time from due to started, as the node's clock sees it.
    func started(_ job: JobRecord) {
        guard let started = job.startedAt else { return }
        record(max(.zero, started - job.dueAt), in: "martlet_job_wait_seconds", job.kind)
    }

    func settled(_ job: JobRecord, _ settlement: Settlement?, _ result: SettleResult) {
        let end =
            switch (result, settlement?.disposition) {
            case (.refused, _), (_, nil): "refused"
            case (.alreadySettled, _): "repeated"
            case (_, .succeeded): "succeeded"
            case (.settled(.finished, .failed), _): "failed"
            case (_, .failed): "retried"
            case (_, .cancelled): "cancelled"
            case (_, .snoozed): "snoozed"
            case (_, .released): "released"
            case (_, .waiting): "waiting"
            }
        counter(job.kind, end).increment()
        if let started = job.startedAt { record(max(.zero, environment.clock.now() - started), in: "martlet_attempt_seconds", job.kind) }
    }

    private func counter(_ kind: String, _ end: String) -> Counter {
        meters.withLock { meters in
            let key = "\(end)/\(kind)"
            if let counter = meters.counters[key] { return counter }
            let counter = Counter(label: "martlet_attempts_total", dimensions: [("kind", kind), ("end", end)])
            meters.counters[key] = counter
            return counter
        }
    }

    private func record(_ time: Duration, in label: String, _ kind: String) {
        let timer = meters.withLock { meters in
            let key = "\(label)/\(kind)"
            if let timer = meters.timers[key] { return timer }
            let timer = Timer(label: label, dimensions: [("kind", kind)])
            meters.timers[key] = timer
            return timer
        }
        timer.recordNanoseconds(time.microseconds * 1000)
    }
}
