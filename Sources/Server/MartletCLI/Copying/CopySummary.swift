import Martlet
import MartletCore

/// What a copy came to, for people and for programs.
struct CopySummary {
    private let report: CopyReport
    private let isRehearsal: Bool
    private let source: StoreAddress
    private let target: StoreAddress

    init(_ report: CopyReport, isRehearsal: Bool, source: StoreAddress, target: StoreAddress) {
        self.report = report
        self.isRehearsal = isRehearsal
        self.source = source
        self.target = target
    }

    func say(to terminal: Terminal) {
        var table = Table([
            .flexible("QUEUE"), .number("READY"), .number("RUNNING"), .number("WAITING"), .number("SUCCEEDED"), .number("FAILED"),
            .number("CANCELLED"),
        ])
        for (queue, counts) in report.queues.sorted(by: { $0.key < $1.key }) { table.add([queue] + numbers(counts)) }
        if report.queues.count > 1 { table.add(["all"] + numbers(report.queues.values.reduce(Counts(), +))) }
        terminal.say(table)
        for line in words { terminal.note(line) }
    }

    private func numbers(_ counts: Counts) -> [String] {
        [counts.ready, counts.running, counts.waiting, counts.succeeded, counts.failed, counts.cancelled].map(Wording.count)
    }

    private var words: [String] {
        if isRehearsal {
            return [
                "\(Wording.plural(report.copied, "job")) and \(Wording.plural(report.triggers.count, "trigger")) would be copied; nothing was changed"
            ]
        }
        var words = ["verified: every job of \(source) is at \(target) as it is"]
        if report.wasLive { words = ["verified: every job of \(source) is at \(target)"] }
        for stream in report.divergedStreams {
            words.append("stream '\(stream)': the target has events of its own, what the source added was left there")
        }
        let held = "\(Wording.plural(report.heldQueues.count, "queue")) and \(Wording.plural(report.heldTriggers.count, "trigger"))"
        if report.isStarted {
            words.append("the target works now: \(held) that were served at the source are served there")
            words.append("the source stays paused: stop its servers and workers, and point clients to \(target)")
        } else if report.wasLive {
            words.append("the target was at work already; the source stays paused")
        } else {
            words.append("both stores are paused: point servers, workers and clients to \(target), then run this again with --start")
            words.append("\(held) will be served there")
        }
        let database = DatabaseAddress(beside: source, in: FilePaths.currentFolder)
        words.append("API keys, secrets and records are not in a store: serve with the source's --database (\(database) where none was named)")
        return words
    }

    var json: String {
        let queues = report.queues.sorted { $0.key < $1.key }.map { queue, counts in
            JSON.Member(queue, Self.json(counts))
        }
        return JSON.object([
            .init("copied", .integer(report.copied)), .init("events", .integer(report.events)), .init("jobs", .integer(report.jobs)),
            .init("queues", .object(queues)), .init("triggers", .array(report.triggers.map { .string($0) })),
            .init("diverged_streams", .array(report.divergedStreams.map { .string($0) })), .init("verified", .bool(!isRehearsal)),
            .init("started", .bool(report.isStarted || report.wasLive)),
        ]).description
    }

    private static func json(_ counts: Counts) -> JSON {
        [
            "ready": .integer(counts.ready), "running": .integer(counts.running), "waiting": .integer(counts.waiting),
            "succeeded": .integer(counts.succeeded), "failed": .integer(counts.failed), "cancelled": .integer(counts.cancelled),
        ]
    }
}
