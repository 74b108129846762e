import MartletCore

/// Reads changes of a queue's policy: a missing field stays as it is, `null` takes it away (RFC 7396).
enum PolicyReader {
    static let fields = ["concurrency", "per_tenant", "rate", "high_water", "low_water", "retention"]

    static func apply(_ json: JSON, to policy: QueuePolicy) throws(Problem) -> QueuePolicy {
        let fields = try FieldReader(json, allowed: Self.fields)
        var policy = policy
        if fields.json("concurrency") != nil { policy.concurrency = try fields.integer("concurrency", in: 1...1_000_000_000) }
        if fields.json("per_tenant") != nil { policy.perTenant = try fields.integer("per_tenant", in: 1...1_000_000_000) }
        if fields.json("rate") != nil { policy.rate = try rate(fields) }
        if fields.json("high_water") != nil { policy.highWater = try fields.integer("high_water", in: 1...1_000_000_000) }
        if fields.json("low_water") != nil { policy.lowWater = try fields.integer("low_water", in: 0...1_000_000_000) }
        if fields.json("retention") != nil { policy.retention = try fields.duration("retention") ?? QueuePolicy().retention }
        if let fault = policy.fault { throw Problem(fault) }
        return policy
    }

    private static func rate(_ fields: FieldReader) throws(Problem) -> Rate? {
        guard let json = fields.value("rate") else { return nil }
        let inner = try FieldReader(json, allowed: ["count", "per", "burst"], at: "rate.")
        guard let count = try inner.integer("count", in: 1...1_000_000_000) else { throw inner.missing("count") }
        guard let per = try inner.duration("per") else { throw inner.missing("per") }
        return Rate(count: count, per: per, burst: try inner.integer("burst", in: 1...1_000_000_000))
    }
}
