import MartletCore

/// The filters of the list of jobs, as the address has them.
struct JobFilter {
    let query: JobQuery
    /// What in the address means nothing; the other filters hold.
    let fault: String?
    private let fields: FormFields

    /// Those with a field in the form; the others come with a link.
    private static let visible = ["queue", "kind", "tenant", "label", "key"]
    private static let linked = ["trigger", "parent"]

    init(_ fields: FormFields) {
        var query = JobQuery()
        var fault: String?
        func parsed<Value>(_ name: String, _ parse: (String) -> Value?) -> Value? {
            guard let text = fields[name], !text.isEmpty else { return nil }
            let value = parse(text)
            if value == nil { fault = "'\(name)' is not understood, so it does not filter." }
            return value
        }
        query.phase = parsed("phase", Phase.init(rawValue:))
        query.outcome = parsed("outcome", Outcome.init(rawValue:))
        query.queue = parsed("queue") { $0 }
        query.kind = parsed("kind") { $0 }
        query.tenant = parsed("tenant") { $0 }
        query.key = parsed("key") { $0 }
        query.trigger = parsed("trigger") { $0 }
        query.parent = parsed("parent") { JobID($0) }
        query.before = parsed("before") { JobID($0) }
        if let text = fields["label"], !text.isEmpty {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, !parts[0].isEmpty {
                query.labels = [String(parts[0]): String(parts[1])]
            } else {
                fault = "A label is asked for as name=value."
            }
        }
        self.query = query
        self.fault = fault
        self.fields = fields
    }

    func text(_ name: String) -> String { fields[name] ?? "" }

    /// Whether anything but the state narrows the list.
    var isNarrowed: Bool { (Self.visible + Self.linked).contains { !text($0).isEmpty } }
    var isFiltered: Bool { isNarrowed || query.phase != nil || query.outcome != nil }

    /// What the form passes on without a field for it.
    var kept: [(name: String, value: String)] { (["phase", "outcome"] + Self.linked).map { ($0, text($0)) }.filter { !$0.1.isEmpty } }

    /// Everything but the state and the place in the list.
    var narrowing: [(name: String, value: String)] { (Self.visible + Self.linked).map { ($0, text($0)) } }

    func page(before: JobID?) -> String {
        PageLink.jobs([("phase", text("phase")), ("outcome", text("outcome"))] + narrowing + [("before", before?.description ?? "")])
    }

    /// The filters that came with a link, in words.
    var linkedText: String? {
        if let trigger = query.trigger { return "Made by the trigger \(trigger)" }
        if let parent = query.parent { return "Children of job …\(parent.description.suffix(8))" }
        return nil
    }

    /// The counts of exactly these jobs, whatever their state, where somebody keeps them.
    func counts(_ overview: Overview) -> Counts? {
        let given = (Self.visible + Self.linked).filter { !text($0).isEmpty }
        switch given {
        case []: return overview.queues.reduce(Counts()) { $0 + $1.counts }
        case ["queue"]: return overview.queues.first { $0.name == query.queue }?.counts ?? Counts()
        case ["kind"]: return overview.kinds.first { $0.name == query.kind }?.counts ?? Counts()
        default: return nil
        }
    }
}
