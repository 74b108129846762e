import HTTPTypes
import MartletCore
import Synchronization

/// Counts requests and their time, by route and never by path.
final class RequestMetrics: Sendable {
    /// What Hummingbird calls a path without a route.
    static let noRoute = "NotFound"

    private struct Key: Hashable {
        let method: HTTPRequest.Method
        let route: String
        let status: Int
    }

    private struct Cells {
        let requests: CounterCell
        let duration: HistogramCell
    }

    private let registry: MetricsRegistry
    private let cells = Mutex<[Key: Cells]>([:])

    init(_ registry: MetricsRegistry) {
        self.registry = registry
    }

    func count(_ method: HTTPRequest.Method, route: String, status: Int, took time: Duration) {
        let key = Key(method: method, route: route, status: status)
        let cells = cells.withLock { cells in
            if let known = cells[key] { return known }
            let made = make(key)
            // Methods are the caller's words: an endless number of them must not grow this.
            if cells.count < MetricsRegistry.seriesMax { cells[key] = made }
            return made
        }
        cells.requests.increment(by: Int64(1))
        cells.duration.record(seconds: time.inSeconds)
    }

    private func make(_ key: Key) -> Cells {
        let method = MetricLabel("method", Self.known.contains(key.method) ? key.method.rawValue : "other")
        let route = MetricLabel("route", key.route == Self.noRoute ? "none" : key.route)
        return Cells(
            requests: registry.cell("martlet_http_requests_total", [method, route, MetricLabel("status", "\(key.status)")]) { CounterCell() },
            duration: registry.cell("martlet_http_request_duration_seconds", [method, route]) { HistogramCell() })
    }

    private static let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
}
