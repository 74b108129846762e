extension Trigger {
    /// Everything that is wrong with this trigger by itself; whoever takes one from outside refuses it where this is not `nil`.
    /// A cron expression that never comes cannot get this far: `CronExpression` refuses it.
    public var fault: StoreError? {
        scheduleFault ?? jitterFault ?? jobFault
    }

    private var scheduleFault: StoreError? {
        switch schedule {
        case .cron(_, let zone):
            do throws(ZoneError) {
                _ = try ZoneRules(zone)
                return nil
            } catch {
                return .invalid(field: "zone", reason: "must be a time zone: \(error)")
            }
        case .every(let interval, let offset):
            guard interval >= .seconds(1), interval <= Limits.delay else {
                return .invalid(field: "every", reason: "must be from one second to ten years")
            }
            guard offset >= .zero, offset < interval else { return .invalid(field: "offset", reason: "must be from zero to below the interval") }
            return nil
        case .topic(let stream, let filter):
            guard !stream.isEmpty else { return .invalid(field: "stream", reason: "must not be empty") }
            for (field, name) in [("stream", stream), ("type", filter.type ?? "")] {
                if let reason = NewJob.nameFault(name) { return .invalid(field: field, reason: reason) }
            }
            return nil
        }
    }

    private var jitterFault: StoreError? {
        // The key of a slot is kept for a day: a job due later than that could be made twice.
        guard jitter >= .zero, jitter <= SlotPlanner.keyWindow else { return .invalid(field: "jitter", reason: "must be from zero to one day") }
        return nil
    }

    private var jobFault: StoreError? {
        switch job.job(id: JobID(high: 0, low: 0)).fault {
        case .invalid(let field, let reason): .invalid(field: "job.\(field)", reason: reason)
        case .tooLarge(let field, let bytes): .tooLarge(field: "job.\(field)", bytesMax: bytes)
        case let other: other
        }
    }
}
