import MartletCore

/// Reads how a worker says that an attempt ended.
enum SettlementReader {
    enum Outcome: String, CaseIterable {
        case succeeded, failed, cancelled, snoozed, released
    }

    /// A settlement; `needsBackoff` where the worker leaves it to the engine when to try again.
    struct Reading: Sendable {
        var settlement: Settlement
        var needsBackoff = false
    }

    static let fields = ["epoch", "outcome", "result", "error", "retryable", "retry_after", "delay", "reason", "steps", "events", "progress"]

    /// - Parameter job: the job of the path; `nil` reads it from the field `job`.
    static func settlement(_ json: JSON, of job: JobID?, at place: String = "") throws(Problem) -> Reading {
        let fields = try FieldReader(json, allowed: job == nil ? ["job"] + fields : fields, at: place)
        let named = job == nil ? try fields.id("job") : job
        guard let job = named else { throw fields.missing("job") }
        let lease = Lease(job: job, epoch: try epoch(fields))
        guard let outcome = try fields.word("outcome", Outcome.self) else { throw fields.missing("outcome") }
        try refuseForeignFields(fields, outcome)
        let (disposition, needsBackoff) = try disposition(fields, outcome)
        var settlement = Settlement(lease, disposition)
        settlement.steps = try steps(fields)
        settlement.events = try events(fields, lease)
        settlement.progress = try progress(fields)
        return Reading(settlement: settlement, needsBackoff: needsBackoff)
    }

    static func epoch(_ fields: FieldReader) throws(Problem) -> Int {
        guard let epoch = try fields.integer("epoch", in: 1...Int.max) else { throw fields.missing("epoch") }
        return epoch
    }

    /// A field that belongs to another outcome is a misunderstanding, and not passed over.
    private static func refuseForeignFields(_ fields: FieldReader, _ outcome: Outcome) throws(Problem) {
        let owners: [(String, Outcome)] = [
            ("result", .succeeded), ("error", .failed), ("retryable", .failed), ("retry_after", .failed), ("delay", .snoozed), ("reason", .cancelled),
        ]
        for (name, owner) in owners where owner != outcome && fields.value(name) != nil {
            throw .invalid(fields.path(name), "belongs to the outcome \"\(owner.rawValue)\"")
        }
    }

    private static func disposition(_ fields: FieldReader, _ outcome: Outcome) throws(Problem) -> (Settlement.Disposition, needsBackoff: Bool) {
        switch outcome {
        case .succeeded: return (.succeeded(result: fields.value("result").map(Payload.init(_:))), false)
        case .cancelled: return (.cancelled(reason: try fields.string("reason")), false)
        case .released: return (.released, false)
        case .snoozed:
            guard let delay = try fields.duration("delay") else { throw fields.missing("delay") }
            return (.snoozed(for: delay), false)
        case .failed:
            let delay = try fields.duration("retry_after")
            let isRetryable = try fields.boolean("retryable") ?? true
            guard isRetryable || delay == nil else { throw .invalid(fields.path("retry_after"), "needs retryable to be true") }
            return (.failed(try failure(fields), retryAfter: delay), isRetryable && delay == nil)
        }
    }

    private static func failure(_ fields: FieldReader) throws(Problem) -> Failure {
        guard let json = fields.value("error") else { throw fields.missing("error") }
        let inner = try FieldReader(json, allowed: ["kind", "message"], at: fields.path("error") + ".")
        let kind = try inner.string("kind") ?? "error"
        guard !kind.isEmpty, kind.utf8.count <= Limits.nameBytes else {
            throw .invalid(inner.path("kind"), "must be 1 to \(Limits.nameBytes) bytes long")
        }
        return Failure(kind: kind, message: try inner.string("message") ?? "")
    }

    private static func steps(_ fields: FieldReader) throws(Problem) -> [NewStep] {
        var steps: [NewStep] = []
        for (index, json) in (try fields.array("steps", atMost: 1000) ?? []).enumerated() {
            let inner = try FieldReader(json, allowed: ["name", "result", "state"], at: fields.path("steps[\(index)]."))
            let state = try inner.word("state", StepState.self) ?? .done
            steps.append(NewStep(name: try inner.requiredString("name"), state: state.core, result: Payload(inner.json("result") ?? .null)))
        }
        return steps
    }

    private static func events(_ fields: FieldReader, _ lease: Lease) throws(Problem) -> [NewEvent] {
        var events: [NewEvent] = []
        for (index, json) in (try fields.array("events", atMost: 1000) ?? []).enumerated() {
            events.append(try EventReader.event(json, under: lease, at: fields.path("events[\(index)].")))
        }
        return events
    }

    private static func progress(_ fields: FieldReader) throws(Problem) -> Progress? {
        guard let json = fields.value("progress") else { return nil }
        let inner = try FieldReader(json, allowed: ["fraction", "message"], at: fields.path("progress") + ".")
        guard let fraction = inner.value("fraction")?.doubleValue, (0...1).contains(fraction) else {
            throw .invalid(inner.path("fraction"), "must be a number from 0 to 1")
        }
        return Progress(fraction: fraction, message: try inner.string("message"))
    }
}
