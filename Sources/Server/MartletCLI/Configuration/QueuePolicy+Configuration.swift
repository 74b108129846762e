import MartletCore

extension QueuePolicy {
    static let known = ["concurrency", "per_tenant", "rate", "high_water", "low_water", "retention"]

    /// A member of `queues:`.
    init(_ section: ConfigurationSection) {
        self.init()
        concurrency = section.integer("concurrency")
        perTenant = section.integer("per_tenant")
        rate = section.rate("rate")
        highWater = section.integer("high_water")
        lowWater = section.integer("low_water", 0...Int.max)
        if let retention = section.span("retention") { self.retention = retention }
        // The marks are compared only where both can be trusted, so that one mistake is one message.
        if section.has("high_water"), highWater == nil { lowWater = nil }
        var marks = QueuePolicy()
        (marks.highWater, marks.lowWater) = (highWater, lowWater)
        section.report(marks.fault)
    }
}
