import ArgumentParser
import MartletCore
import MartletHTTP

/// Everything about one job besides its kind.
struct JobOptions: ParsableArguments {
    /// How long a key stays taken.
    enum KeyScope: ExpressibleByArgument {
        case untilFinished, forever
        case window(Duration)

        init?(argument: String) {
            switch argument {
            case "until-finished", "until_finished": self = .untilFinished
            case "forever": self = .forever
            default:
                guard let duration = Duration(setting: argument) else { return nil }
                self = .window(duration)
            }
        }
    }

    /// What happens to a second job with a taken key.
    enum Conflict: String, ExpressibleByArgument, CaseIterable {
        case returnExisting = "return-existing"
        case reject, replace
    }

    @Option(help: "Its payload: JSON, @FILE, or - for standard input. Default: {}") var payload: String?
    @Option(help: "The queue. Default: what the configuration says of the kind, else 'default'.") var queue: String?
    @Option(help: "The tenant, who gets a fair share.") var tenant: String?
    @Option(help: "0 is most urgent, 3 least. Default: 2.") var priority: Int?
    @Option(help: "Not before so long from now: seconds, or ISO 8601 such as PT5M.") var delay: DurationArgument?
    @Option(help: "Not before this time, in RFC 3339 with a zone: 2026-01-02T03:04:05Z.") var dueAt: String?
    @Option(help: "An idempotency key: one job at a time has it.") var key: String?
    @Option(help: "How long the key stays taken: until-finished (default), forever, or a duration.") var keyScope: KeyScope?
    @Option(help: "What happens if the key is taken: return-existing (default), reject, replace.") var onConflict: Conflict?
    @Option(help: "How often it is tried. Default: 20.") var maxAttempts: Int?
    @Option(help: "How long one attempt may take.") var timeout: DurationArgument?
    @Option(help: "How long it may stay unstarted after it became due.") var queueTimeout: DurationArgument?
    @Option(name: .customLong("label"), help: "A label, as in team=video; may be repeated.") var labels: [NameValue] = []
    @Option(help: "Its id, a UUID; made by this program otherwise.") var id: JobID?

    /// The options that were given.
    var given: [String] {
        let options: [(name: String, isGiven: Bool)] = [
            ("--payload", payload != nil), ("--queue", queue != nil), ("--tenant", tenant != nil), ("--priority", priority != nil),
            ("--delay", delay != nil), ("--due-at", dueAt != nil), ("--key", key != nil), ("--key-scope", keyScope != nil),
            ("--on-conflict", onConflict != nil), ("--max-attempts", maxAttempts != nil), ("--timeout", timeout != nil),
            ("--queue-timeout", queueTimeout != nil), ("--label", !labels.isEmpty), ("--id", id != nil),
        ]
        return options.filter(\.isGiven).map(\.name)
    }

    /// What can be said without a store. Not named `validate`, which the parser calls before it knows which way of enqueueing is meant.
    func check() throws {
        if let priority, Priority(priority) == nil { throw ValidationError("--priority must be from 0 to 3") }
        if delay != nil, dueAt != nil { throw ValidationError("Give only one of --delay and --due-at.") }
        if key == nil, keyScope != nil || onConflict != nil { throw ValidationError("--key-scope and --on-conflict need --key.") }
        _ = try due()
    }

    private func due() throws -> NewJob.Due {
        guard let dueAt else { return .after(delay?.duration ?? .zero) }
        guard let time = Timestamp(rfc3339: dueAt) else {
            let advice =
                Timestamp(rfc3339: dueAt + "Z") == nil
                ? "write it as 2026-01-02T03:04:05Z" : "it has no zone: end it with Z or an offset such as +02:00"
            throw ValidationError("--due-at cannot be read; \(advice)")
        }
        return .at(time)
    }

    func job(_ kind: String, defaults: KindDefaults, _ environment: MartletCore.Environment) throws -> NewJob {
        let payload = try self.payload.map { try PayloadSource.read($0, of: "--payload") } ?? .emptyObject
        var job = NewJob(id: id ?? environment.makeJobID(), kind: kind, payload: payload)
        job.queue = queue ?? defaults.queue ?? job.queue
        job.tenant = tenant ?? job.tenant
        job.priority = priority.flatMap { Priority($0) } ?? defaults.priority ?? job.priority
        job.due = try due()
        job.timeout = timeout?.duration ?? defaults.timeout
        job.queueTimeout = queueTimeout?.duration
        job.maxAttempts = maxAttempts ?? defaults.maxAttempts ?? job.maxAttempts
        job.labels = labels.dictionary
        if let key { job.key = IdempotencyKey(key, scope: scope, conflict: conflict) }
        return job
    }

    private var scope: IdempotencyKey.Scope {
        switch keyScope {
        case .untilFinished, nil: .untilFinished
        case .forever: .forever
        case .window(let duration): .window(duration)
        }
    }

    private var conflict: IdempotencyKey.Conflict {
        switch onConflict {
        case .returnExisting, nil: .returnExisting
        case .reject: .reject
        case .replace: .replace
        }
    }
}
