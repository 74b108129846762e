import MartletCore

/// Settings that more than one section has.
extension ConfigurationSection {
    /// A duration between two bounds.
    func span(_ key: String, above lower: Duration? = nil, upTo upper: Duration = Limits.delay) -> Duration? {
        guard let duration = duration(key) else { return nil }
        if let lower, duration <= lower {
            fail(key, lower == .zero ? "must be longer than zero" : "must be longer than \(lower.inSeconds) s")
            return nil
        }
        guard duration <= upper else {
            fail(key, "must be at most \(upper.inSeconds) s")
            return nil
        }
        return duration
    }

    func priority(_ key: String) -> Priority? {
        integer(key, 0...3).flatMap(Priority.init)
    }

    /// `{ base: 2, factor: 2, max: 3600 }`.
    func retryPolicy(_ key: String) -> RetryPolicy? {
        guard has(key) else { return nil }
        let section = section(key, known: ["base", "factor", "max"])
        var policy = RetryPolicy()
        if let base = section.span("base", above: .zero) { policy.base = base }
        if let max = section.span("max", above: .zero) { policy.max = max }
        if let factor = section.real("factor") { policy.factor = factor }
        section.report(policy.fault, prefix: "retry.")
        return policy
    }

    /// `{ count: 100, per: 60, burst: 10 }`.
    func rate(_ key: String) -> Rate? {
        guard has(key) else { return nil }
        let section = section(key, known: ["count", "per", "burst"])
        guard let count = section.required("count", section.integer("count", 1...1_000_000_000)),
            let per = section.required("per", section.span("per", above: .zero, upTo: .seconds(366 * 86_400)))
        else { return nil }
        let rate = Rate(count: count, per: per, burst: section.integer("burst"))
        section.report(rate.fault, prefix: "rate.")
        return rate
    }

    /// `value`, and a fault where the setting is missing altogether.
    func required<Value>(_ key: String, _ value: Value?) -> Value? {
        if value == nil, !has(key) { fail("", "needs '\(key)'") }
        return value
    }

    /// Passes on what the core finds wrong with a value as a whole, at the setting it names.
    func report(_ fault: StoreError?, prefix: String = "") {
        switch fault {
        case .invalid(let field, let reason):
            fail(field.hasPrefix(prefix) ? String(field.dropFirst(prefix.count)) : field, reason)
        case .tooLarge(let field, let bytes):
            fail(field.hasPrefix(prefix) ? String(field.dropFirst(prefix.count)) : field, "must not be larger than \(bytes) bytes")
        case .some(let other): fail("", "\(other)")
        case nil: return
        }
    }
}
