import MartletCore

/// The form that changes a queue's policy: its fields, and what they say.
struct PolicyForm {
    private struct Field {
        let name: String
        let label: String
        let hint: String
    }

    private static let fields = [
        Field(name: "concurrency", label: "Running at once", hint: "Over all nodes. Empty: no limit."),
        Field(name: "per_tenant", label: "Running at once per tenant", hint: "Empty: no limit."),
        Field(name: "rate_count", label: "Rate: starts", hint: "Over all nodes, in the seconds beside. Empty: no limit."),
        Field(name: "rate_per", label: "Rate: per seconds", hint: "60 is a minute, 3600 an hour."),
        Field(name: "rate_burst", label: "Rate: burst", hint: "Starts at once. Empty: all of them."),
        Field(name: "high_water", label: "High water", hint: "Ready jobs from which new ones are refused. Empty: never."),
        Field(name: "low_water", label: "Low water", hint: "Ready jobs below which they are accepted again."),
        Field(name: "retention", label: "Retention in seconds", hint: "How long finished jobs are kept. 604800 is seven days."),
    ]

    static func values(_ texts: [String: String]) -> [PageValues] {
        fields.map { field in
            ["fieldName": field.name, "fieldLabel": field.label, "fieldHint": field.hint, "fieldValue": texts[field.name] ?? ""]
        }
    }

    /// The policy as the form's texts.
    static func texts(_ policy: QueuePolicy) -> [String: String] {
        var texts: [String: String] = [:]
        texts["concurrency"] = policy.concurrency.map { String($0) }
        texts["per_tenant"] = policy.perTenant.map { String($0) }
        texts["rate_count"] = policy.rate.map { String($0.count) }
        texts["rate_per"] = policy.rate.map { NumberText.seconds($0.per) }
        texts["rate_burst"] = policy.rate.flatMap { $0.burst == $0.count ? nil : String($0.burst) }
        texts["high_water"] = policy.highWater.map { String($0) }
        texts["low_water"] = policy.lowWater.map { String($0) }
        texts["retention"] = NumberText.seconds(policy.retention)
        return texts
    }

    static func texts(_ form: FormFields) -> [String: String] {
        fields.reduce(into: [:]) { $0[$1.name] = form[$1.name] }
    }

    /// - Throws: what is wrong with the first field that is.
    static func policy(_ form: FormFields) throws(StoreError) -> QueuePolicy {
        var policy = QueuePolicy()
        policy.concurrency = try whole("concurrency", form)
        policy.perTenant = try whole("per_tenant", form)
        if let count = try whole("rate_count", form) {
            guard let per = try seconds("rate_per", form) else {
                throw .invalid(field: "rate_per", reason: "is missing: a rate is so many per so many seconds")
            }
            policy.rate = Rate(count: count, per: per, burst: try whole("rate_burst", form))
        }
        policy.highWater = try whole("high_water", form)
        policy.lowWater = try whole("low_water", form)
        guard let retention = try seconds("retention", form) else { throw .invalid(field: "retention", reason: "is missing") }
        policy.retention = retention
        if let fault = policy.fault { throw fault }
        return policy
    }

    private static func text(_ name: String, _ form: FormFields) -> String? {
        guard let text = form[name]?.filter({ !$0.isWhitespace }), !text.isEmpty else { return nil }
        return text
    }

    private static func whole(_ name: String, _ form: FormFields) throws(StoreError) -> Int? {
        guard let text = text(name, form) else { return nil }
        guard let number = Int(text) else { throw .invalid(field: name, reason: "must be a whole number") }
        return number
    }

    private static func seconds(_ name: String, _ form: FormFields) throws(StoreError) -> Duration? {
        guard let text = text(name, form) else { return nil }
        guard let number = Double(text), number.isFinite, number >= 0, number <= Limits.delay.inSeconds else {
            throw .invalid(field: name, reason: "must be a number of seconds, at most ten years")
        }
        return .microseconds(Int64((number * 1_000_000).rounded()))
    }
}
