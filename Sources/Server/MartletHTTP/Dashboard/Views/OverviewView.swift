import MartletCore

/// The first page: everything at a glance.
struct OverviewView: PageView {
    let overview: Overview
    /// The kinds that this process has handlers for.
    let known: Set<String>
    let example: ExampleCommand

    static let template = "overview"
    let title = "Overview"
    let section = "/"
    let scripts = ["live-overview.js", "rows.js"]
    let refreshSeconds: Int? = 2

    /// Rows of one kind on the page; what is busy comes first where there are more.
    static let rowsMax = 100

    private var time: TimeText { TimeText(now: overview.now) }

    var values: PageValues {
        let total = overview.queues.reduce(Counts()) { $0 + $1.counts }
        let queues = Self.busiest(overview.queues) { $0.counts }
        return [
            "figures": CountFigures(counts: total, filters: []).values, "finishedTotal": String(total.finished), "orphans": orphans,
            "hasQueues": !queues.isEmpty, "queues": queues.map { QueueRow(queue: $0).values }, "moreQueues": more(than: queues.count),
            "exampleCommand": example.enqueue(), "hasTriggers": !overview.triggers.isEmpty, "triggers": triggers, "nodes": nodes,
            "kinds": Self.busiest(overview.kinds) { $0.counts }.map(kind),
        ]
    }

    /// In the order they came, or the busiest of them where they are too many.
    private static func busiest<Element>(_ all: [Element], _ counts: (Element) -> Counts) -> [Element] {
        guard all.count > rowsMax else { return all }
        let order = all.indices.sorted { first, second in
            let (a, b) = (counts(all[first]), counts(all[second]))
            return (b.running, b.ready, first) < (a.running, a.ready, second)
        }
        return order.prefix(rowsMax).sorted().map { all[$0] }
    }

    private func more(than shown: Int) -> Any {
        guard overview.queues.count > shown else { return false }
        return "The busiest \(shown) of \(NumberText.count(overview.queues.count, "queue", "queues"))."
    }

    /// Kinds with work that nobody takes, as far as this process can see.
    private var orphans: [PageValues] {
        overview.kinds.filter { Self.isOrphan($0, known: known) }.prefix(10).map { kind in
            let jobs = NumberText.count(kind.counts.ready, "job is", "jobs are")
            return [
                "orphanKind": kind.name, "orphanHref": PageLink.jobs([("phase", "ready"), ("kind", kind.name)]),
                "orphanText": "\(jobs) ready; this process has no handler for the kind and no worker is running any of them.",
            ]
        }
    }

    static func isOrphan(_ kind: KindState, known: Set<String>) -> Bool {
        kind.counts.ready > 0 && kind.counts.running == 0 && !known.contains(kind.name)
    }

    private var triggers: [PageValues] {
        let coming = overview.triggers.sorted { ($0.nextSlot ?? .distantFuture, $0.name) < ($1.nextSlot ?? .distantFuture, $1.name) }
        return coming.prefix(10).map { state in
            [
                "triggerName": state.name, "triggerHref": PageLink.trigger(state.name), "triggerSchedule": ScheduleText.text(state.trigger.schedule),
                "triggerPaused": state.trigger.isPaused, "triggerNext": time.values(state.nextSlot),
            ]
        }
    }

    private var nodes: [PageValues] {
        overview.nodes.sorted { (-$0.running, $0.id) < (-$1.running, $1.id) }.prefix(Self.rowsMax).map { node in
            let name = NodeName(node.id)
            return [
                "nodeName": node.id.name, "nodeShort": name.short, "nodeDetail": name.detail.orFalse, "nodeRunning": NumberText.grouped(node.running),
            ]
        }
    }

    private func kind(_ kind: KindState) -> PageValues {
        let counts = kind.counts
        var parts: [String] = []
        if counts.running > 0 { parts.append("\(NumberText.grouped(counts.running)) running") }
        if counts.ready > 0 { parts.append("\(NumberText.grouped(counts.ready)) ready") }
        if counts.waiting > 0 { parts.append("\(NumberText.grouped(counts.waiting)) waiting") }
        if parts.isEmpty { parts.append("\(NumberText.grouped(counts.finished)) finished") }
        return [
            "kindName": kind.name, "kindHref": PageLink.jobs([("kind", kind.name)]), "kindKnown": known.contains(kind.name),
            "kindSummary": parts.joined(separator: ", "),
        ]
    }
}
