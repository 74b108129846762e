extension JobContext {
    /// How the jobs of a group ended.
    public struct ChildrenResult: Sendable, Hashable {
        public let succeeded: Int
        public let failed: Int
        public let cancelled: Int
    }

    /// Enqueues jobs that belong to this one, each exactly once however often this attempt is repeated: a child's id follows from this job's id,
    /// the group's name and its place, so the same code enqueues the same children. Any number; written in batches.
    /// - Returns: the children's ids, in order.
    @discardableResult
    public func enqueue(_ children: [some Job], group: String = "children", _ options: EnqueueOptions = .init()) async throws -> [JobID] {
        try await enqueue(
            children.map { child in
                var new = NewJob(id: id, kind: type(of: child).kind, payload: try PayloadCoding.encode(child))
                new.queue = options.queue
                new.tenant = options.tenant.isEmpty ? job.tenant : options.tenant
                new.priority = options.priority
                new.due = options.due
                new.timeout = options.timeout
                new.maxAttempts = options.maxAttempts
                new.labels = options.labels
                return new
            }, group: group)
    }

    /// Like `enqueue(_:group:_:)` for jobs without a Swift type. Their ids and parent are set here.
    @discardableResult
    public func enqueue(_ children: [NewJob], group: String) async throws -> [JobID] {
        let (key, stored) = try next("enqueue.\(group)")
        let named = children.enumerated().map { index, child in
            var child = child
            child.id = id.child(key, index)
            child.parent = NewJob.Parent(job: id, group: group)
            return child
        }
        if stored == nil {
            for start in stride(from: 0, to: named.count, by: Limits.batch) {
                for answer in try await store.enqueue(Array(named[start..<min(start + Limits.batch, named.count)])) {
                    if case .refused(let error) = answer { throw error }
                }
            }
            _ = try await record(NewStep(name: key, result: Payload(["count": .integer(named.count)])))
        }
        return named.map(\.id)
    }

    /// Waits, without holding anything, until no job of the group is unfinished.
    /// - Returns: how they ended, or `nil` where some were still unfinished after `limit`.
    public func waitForChildren(group: String = "children", within limit: Duration? = nil) async throws -> ChildrenResult? {
        let (key, stored) = try next("join.\(group)")
        guard let stored else { throw suspend(.waiting(Wait(.children(group: group), step: key, deadline: limit))) }
        if case .children(let succeeded, let failed, let cancelled) = WaitResult(stored.result) {
            return ChildrenResult(succeeded: succeeded, failed: failed, cancelled: cancelled)
        }
        return nil
    }
}

extension JobID {
    /// The id of a child: the parent's time, and a hash (FNV-1a, twice) of parent, group and place where others have randomness.
    func child(_ group: String, _ index: Int) -> JobID {
        func hash(_ seed: UInt64) -> UInt64 {
            var hash = 0xCBF2_9CE4_8422_2325 ^ seed
            func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            for word in [high, low, UInt64(index)] {
                for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: word >> UInt64(shift))) }
            }
            for byte in group.utf8 { mix(byte) }
            return hash ^ (hash >> 29)
        }
        return JobID(at: timestamp, random: (hash(0), hash(0x9E37_79B9_7F4A_7C15)))
    }
}
