import MartletCore

/// What the store's overview says, as gauges.
enum QueueGauges {
    static func write(_ overview: Overview, to text: inout PrometheusText) {
        // The first queues by name; the rest stand together as one, so that the number of series is bounded.
        let shown = overview.queues.prefix(MetricsRegistry.seriesMax)
        var groups = shown.map { (name: $0.name, counts: $0.counts) }
        let rest = overview.queues.dropFirst(MetricsRegistry.seriesMax)
        if !rest.isEmpty { groups.append(("(others)", rest.reduce(Counts()) { $0 + $1.counts })) }
        text.gauge("martlet_queue_jobs", groups.flatMap { samples($0.name, $0.counts) })
        text.gauge("martlet_queue_paused", shown.map { ([MetricLabel("queue", $0.name)], $0.isPaused ? 1 : 0) })
        text.gauge("martlet_nodes", [([], Double(overview.nodes.count))])
        text.gauge("martlet_triggers", [([], Double(overview.triggers.count))])
    }

    private static func samples(_ queue: String, _ counts: Counts) -> [(labels: [MetricLabel], value: Double)] {
        let states = [
            ("ready", counts.ready), ("running", counts.running), ("waiting", counts.waiting), ("succeeded", counts.succeeded),
            ("failed", counts.failed), ("cancelled", counts.cancelled),
        ]
        return states.map { ([MetricLabel("queue", queue), MetricLabel("state", $0.0)], Double($0.1)) }
    }
}
