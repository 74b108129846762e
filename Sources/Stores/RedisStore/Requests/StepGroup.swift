import MartletCore

/// The steps of one call of `record`.
struct StepGroup: Sendable {
    let lease: Lease
    let steps: [NewStep]
    /// Thrown where the lease is current.
    let fault: StoreError?

    init(_ steps: [NewStep], under lease: Lease) {
        self.lease = lease
        self.steps = steps
        fault = steps.lazy.compactMap(\.fault).first
    }

    /// Id, epoch, whether a step is faulty, steps.
    var packed: [UInt8] {
        var writer = PackWriter(capacity: size)
        writer.add(lease.job)
        writer.add(lease.epoch)
        writer.add(fault != nil)
        StepCoding.add(fault == nil ? steps : [], to: &writer)
        return writer.bytes
    }

    var size: Int { steps.reduce(64) { $0 + $1.result.utf8.count + 64 } }
}
