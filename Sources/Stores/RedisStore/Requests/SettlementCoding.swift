import MartletCore

/// A settlement as `settle.lua` takes it: id, epoch, disposition with its two values, whether it is faulty, progress, steps, events, children.
enum SettlementCoding {
    static func encode(_ settlement: Settlement, _ topics: Topics, draws: inout Int) -> [UInt8] {
        if settlement.isPlain, let epoch = UInt32(exactly: settlement.lease.epoch) {
            return settlement.lease.job.bytes + withUnsafeBytes(of: epoch.bigEndian, Array.init)
        }
        var writer = PackWriter(capacity: 64)
        writer.add(settlement.lease.job)
        writer.add(settlement.lease.epoch)
        if settlement.fault != nil {
            // Whether the lease is current is answered first; nothing else of it is needed.
            for text in ["s", nil, nil] as [String?] { writer.add(text) }
            writer.add(true)
            return writer.bytes
        }
        add(settlement.disposition, to: &writer)
        writer.add(false)
        writer.add(bytes: settlement.progress.map(encode))
        guard !(settlement.steps.isEmpty && settlement.events.isEmpty && settlement.children.isEmpty) else { return writer.bytes }
        StepCoding.add(settlement.steps, to: &writer)
        writer.addArray(settlement.events.count)
        for event in settlement.events {
            let matches = topics.matches(event)
            draws += matches.count
            writer.addArray(4)
            for text in [event.stream, event.type] { writer.add(text) }
            writer.add(bytes: event.data.utf8)
            writer.addArray(matches.count)
            for match in matches { writer.add(bytes: match) }
        }
        writer.addArray(settlement.children.count)
        for child in settlement.children { JobCoding(child).add(to: &writer) }
        return writer.bytes
    }

    private static func add(_ disposition: Settlement.Disposition, to writer: inout PackWriter) {
        switch disposition {
        case .succeeded(let result):
            writer.add("s")
            writer.add(bytes: result?.utf8)
            writer.addNil()
        case .failed(let failure, let retryAfter):
            writer.add("f")
            writer.add(bytes: FailureCoding.encode(failure))
            writer.add(retryAfter)
        case .cancelled(let reason):
            writer.add("c")
            writer.add(bytes: reason.map { FailureCoding.encode(Failure(kind: "cancelled", message: $0)) })
            writer.addNil()
        case .snoozed(let delay):
            writer.add("z")
            writer.add(delay)
            writer.addNil()
        case .released:
            writer.add("r")
            writer.addNil()
            writer.addNil()
        case .waiting(let wait):
            writer.add("w")
            writer.add(bytes: WaitCoding.encode(wait))
            writer.add(wait.deadline)
        }
    }

    static func encode(_ progress: Progress) -> [UInt8] {
        var writer = PackWriter()
        writer.add(progress.fraction)
        writer.add(progress.message)
        return writer.bytes
    }

    /// About how many bytes the settlement takes.
    static func size(_ settlement: Settlement) -> Int {
        var size = 128
        if case .succeeded(let result?) = settlement.disposition { size += result.utf8.count }
        size += settlement.steps.reduce(0) { $0 + $1.result.utf8.count + 64 }
        size += settlement.events.reduce(0) { $0 + $1.data.utf8.count + 64 }
        return size + settlement.children.reduce(0) { $0 + $1.payload.utf8.count + 256 }
    }
}

extension Settlement {
    /// A success that brings nothing along: id and epoch say it all.
    fileprivate var isPlain: Bool {
        disposition == .succeeded(result: nil) && steps.isEmpty && events.isEmpty && children.isEmpty && progress == nil
    }
}
