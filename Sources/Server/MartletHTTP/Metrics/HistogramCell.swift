import CoreMetrics
import Synchronization

/// How often a duration fell below each of some bounds.
final class HistogramCell: MetricCell, TimerHandler {
    static let type = "histogram"

    /// Seconds: from a store's fast answer to a long attempt.
    static let bounds: [Double] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600]

    private struct State {
        /// Each counts what fell between its bound and the one before; the last what fell above all.
        var counts = [Int](repeating: 0, count: HistogramCell.bounds.count + 1)
        var sum = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) { record(seconds: Double(duration) / 1_000_000_000) }

    func record(seconds: Double) {
        let index = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.sum += seconds
        }
    }

    func write(_ name: String, _ labels: [MetricLabel], to text: inout PrometheusText) {
        let state = state.withLock { $0 }
        var below = 0
        for (count, bound) in zip(state.counts, Self.bounds + [.infinity]) {
            below += count
            text.sample(name + "_bucket", labels + [MetricLabel("le", PrometheusText.number(bound))], Double(below))
        }
        text.sample(name + "_sum", labels, state.sum)
        text.sample(name + "_count", labels, Double(below))
    }
}
