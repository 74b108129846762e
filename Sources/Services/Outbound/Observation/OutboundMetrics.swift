import MartletCore
import Metrics
import Synchronization

/// Counts calls and attempts through swift-metrics. Labels are destinations and closed sets of words, so their number is bounded by the code.
final class OutboundMetrics: Sendable {
    private struct Key: Hashable {
        let label: String
        let destination: String
        let end: String
    }

    private struct Meters {
        var counters: [Key: Counter] = [:]
        var timers: [String: Timer] = [:]
    }

    private let meters = Mutex(Meters())

    func finished(_ destination: String, _ end: CallEnd, _ took: Duration) {
        let (counter, timer) = meters.withLock { meters in
            let key = Key(label: "martlet_outbound_calls_total", destination: destination, end: end.name)
            let timer = meters.timers[destination] ?? Timer(label: "martlet_outbound_seconds", dimensions: [("destination", destination)])
            meters.timers[destination] = timer
            return (Self.counter(key, &meters), timer)
        }
        counter.increment()
        timer.recordNanoseconds(took.microseconds * 1000)
    }

    /// Attempts that went over the wire: more than calls by as much as there were retries.
    func attempted(_ destination: String) {
        meters.withLock {
            Self.counter(Key(label: "martlet_outbound_attempts_total", destination: destination, end: ""), &$0)
        }.increment()
    }

    private static func counter(_ key: Key, _ meters: inout Meters) -> Counter {
        if let counter = meters.counters[key] { return counter }
        let dimensions = [("destination", key.destination)] + (key.end.isEmpty ? [] : [("end", key.end)])
        let counter = Counter(label: key.label, dimensions: dimensions)
        meters.counters[key] = counter
        return counter
    }
}
