/// One argument of a command, in which placeholders stand for what the job brings: `{payload.video}`, `{payload.size.width}`,
/// `{payload.files.0}`, and the job's facts `{job.id}`, `{job.kind}`, `{job.queue}`, `{job.tenant}`, `{job.attempt}`, `{job.epoch}`.
/// Braces around anything else are left as they are. However long or strange a value is, the argument stays one argument.
struct ArgumentTemplate: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case text(String)
        case payload([String])
        case fact(String)
    }

    static let facts: Set<String> = ["id", "kind", "queue", "tenant", "attempt", "epoch"]

    let parts: [Part]

    /// - Throws: a placeholder without a name, or of a fact that jobs do not have.
    init(_ text: String, index: Int) throws(CommandFault) {
        var parts: [Part] = []
        var plain = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            plain += rest[..<open]
            guard let close = rest[open...].firstIndex(of: "}"),
                let part = try Self.placeholder(rest[rest.index(after: open)..<close], index: index)
            else {
                plain += "{"
                rest = rest[rest.index(after: open)...]
                continue
            }
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = ""
            parts.append(part)
            rest = rest[rest.index(after: close)...]
        }
        plain += rest
        if !plain.isEmpty || parts.isEmpty { parts.append(.text(plain)) }
        self.parts = parts
    }

    private static func placeholder(_ name: Substring, index: Int) throws(CommandFault) -> Part? {
        if name.hasPrefix("payload.") {
            let path = name.dropFirst("payload.".count).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            guard !path.contains("") else { throw CommandFault(field: "run.\(index)", reason: "the placeholder '{\(name)}' names no field") }
            return .payload(path)
        }
        if name.hasPrefix("job.") {
            let fact = String(name.dropFirst("job.".count))
            guard facts.contains(fact) else {
                let known = facts.sorted().joined(separator: ", ")
                throw CommandFault(field: "run.\(index)", reason: "a job has no fact '\(fact)'; it has \(known)")
            }
            return .fact(fact)
        }
        return nil
    }

    var isConstant: Bool {
        parts.allSatisfy { if case .text = $0 { true } else { false } }
    }

    /// Whether a value alone decides how the argument begins.
    var beginsWithValue: Bool {
        if case .text = parts.first { false } else { true }
    }
}
