import Synchronization

/// The metrics of this process, for `GET /metrics`. Bounded: a metric with very many label values puts what is beyond `seriesMax` into one
/// series labelled `overflow`, and metrics beyond `familiesMax` are not kept.
public final class MetricsRegistry: Sendable {
    public static let seriesMax = 200
    public static let familiesMax = 500

    private struct Family {
        let type: String
        var series: [[MetricLabel]: any MetricCell] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    public init() {}

    /// The cell of this name and these labels, made by `make` where there is none.
    func cell<Cell: MetricCell>(_ name: String, _ labels: [MetricLabel], _ make: () -> Cell) -> Cell {
        let cell: (any MetricCell)? = families.withLock { families in
            guard families[name] != nil || families.count < Self.familiesMax else { return nil }
            var labels = labels
            // Emptied while it changes, so that its dictionary is not copied.
            var family = families.removeValue(forKey: name) ?? Family(type: Cell.type)
            defer { families[name] = family }
            guard family.type == Cell.type else { return nil }
            if family.series[labels] == nil, family.series.count >= Self.seriesMax { labels = [MetricLabel("overflow", "true")] }
            if let cell = family.series[labels] { return cell }
            let cell = make()
            family.series[labels] = cell
            return cell
        }
        // What cannot be kept still gets a cell of its own, that nobody reads.
        return cell as? Cell ?? make()
    }

    /// Forgets a cell, once nobody will write to it any more.
    func remove(_ handler: AnyObject) {
        families.withLock { families in
            for name in families.keys {
                guard let labels = families[name]?.series.first(where: { $0.value === handler })?.key else { continue }
                families[name]?.series[labels] = nil
                return
            }
        }
    }

    /// By name and labels.
    func write(to text: inout PrometheusText) {
        let families = families.withLock { $0 }
        for (name, family) in families.sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
            text.head(name, family.type)
            let series = family.series.sorted { $0.key.map(\.value).lexicographicallyPrecedes($1.key.map(\.value)) }
            for (labels, cell) in series { cell.write(name, labels, to: &text) }
        }
    }
}
