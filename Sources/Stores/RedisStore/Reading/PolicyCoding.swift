import MartletCore
import NIOCore

/// A queue's policy as it is kept: concurrency, per tenant, nanoseconds between two starts, burst, high and low mark, retention, and the rate
/// as it was given.
enum PolicyCoding {
    static func encode(_ policy: QueuePolicy) -> [UInt8] {
        var writer = PackWriter()
        writer.add(policy.concurrency)
        writer.add(policy.perTenant)
        writer.add(policy.rate.map(interval))
        writer.add(policy.rate?.burst)
        writer.add(policy.highWater)
        writer.add(policy.highWater.map { policy.lowWater ?? $0 * 3 / 5 })
        writer.add(policy.retention)
        writer.add(policy.rate?.count)
        writer.add(policy.rate?.per)
        writer.add(policy.lowWater)
        return writer.bytes
    }

    static func decode(_ stored: ByteBuffer) throws(StoreError) -> QueuePolicy {
        var (reader, policy) = (PackReader(stored), QueuePolicy())
        policy.concurrency = try reader.optionalInt()
        policy.perTenant = try reader.optionalInt()
        _ = try reader.optionalInt()
        let burst = try reader.optionalInt()
        policy.highWater = try reader.optionalInt()
        _ = try reader.optionalInt()
        policy.retention = try reader.optionalDuration() ?? policy.retention
        let (count, per) = (try reader.optionalInt(), try reader.optionalDuration())
        if let count, let per { policy.rate = Rate(count: count, per: per, burst: burst) }
        policy.lowWater = try reader.optionalInt()
        return policy
    }

    /// Rounded up, as `CellRate` rounds.
    static func interval(_ rate: Rate) -> Int {
        let span = Int(rate.per.microseconds) * 1000
        return max(1, (span + rate.count - 1) / rate.count)
    }
}
