import MartletCore

extension Problem {
    init(_ error: StoreError) {
        switch error {
        case .leaseLost(let lease):
            self.init(.leaseLost, "\(error)", [.init("job", .string(lease.job.description)), .init("epoch", .integer(lease.epoch))])
        case .notFound: self.init(.notFound, "\(error)")
        case .keyTaken(let key, let job):
            self.init(.keyTaken, "\(error)", [.init("key", .string(key)), .init("job", .string(job.description))])
        case .idTaken(let job): self.init(.idTaken, "\(error)", [.init("job", .string(job.description))])
        case .queueFull(let queue, let depth, let delay):
            self.init(.queueFull, "\(error)", [.init("queue", .string(queue)), .init("depth", .integer(depth))])
            retryAfter = delay
        case .wrongPhase(let job, let phase):
            self.init(.wrongPhase, "\(error)", [.init("job", .string(job.description)), .init("phase", .string(phase.rawValue))])
        case .invalid(let field, let reason): self = .invalid(field, reason)
        // A name is too long, not a body too large.
        case .tooLarge("key", let bytes): self = .invalid("key", "must not be longer than \(bytes) bytes")
        case .tooLarge(let field, let bytes): self = .tooLarge(field, bytesMax: bytes)
        case .unavailable(_, let unknown):
            self.init(.storeUnavailable, "\(error)", [.init("may_have_happened", .bool(unknown))])
            retryAfter = .seconds(1)
        case .corrupt: self.init(.storeCorrupt, "\(error)")
        }
    }
}
