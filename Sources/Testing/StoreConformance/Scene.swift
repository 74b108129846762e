import MartletCore
import Synchronization

/// What a check plays on: a store, its clock, and the few moves that nearly every check makes. Each move fails where its answer is not
/// the plain one, so that a check spells out only what it is about.
public struct Scene: Sendable {
    public let store: any Store
    public let clock: ManualClock
    private let numbers = Numbers()

    public init(store: any Store, clock: ManualClock) {
        self.store = store
        self.clock = clock
    }

    private final class Numbers: Sendable {
        private let last = Mutex<UInt64>(0)

        func next() -> UInt64 {
            last.withLock { last in
                last += 1
                return last
            }
        }
    }

    // MARK: Making

    /// A fresh id; ids made later are larger.
    public func id() -> JobID { JobID(at: clock.now(), random: (0, numbers.next())) }

    public func job(_ kind: String = "work", _ shape: (inout NewJob) -> Void = { _ in }) -> NewJob {
        var job = NewJob(id: id(), kind: kind, payload: Payload(["n": 1]))
        shape(&job)
        return job
    }

    public func jobs(_ count: Int, _ shape: (inout NewJob) -> Void = { _ in }) -> [NewJob] {
        (0..<count).map { _ in job("work", shape) }
    }

    /// Text of more bytes than any payload may have.
    public var oversized: Payload { Self.tooLarge }

    private static let tooLarge = Payload(.string(String(repeating: "x", count: Limits.payloadBytes)))

    // MARK: Moves

    @discardableResult
    public func accept(_ job: NewJob, line: Int = #line) async throws -> JobRecord {
        let answers = try await store.enqueue([job])
        guard case .accepted(let record)? = answers.first, answers.count == 1 else { throw unexpected(answers, "an accepted job", line) }
        return record
    }

    @discardableResult
    public func accept(_ jobs: [NewJob], line: Int = #line) async throws -> [JobRecord] {
        try await store.enqueue(jobs).map { answer in
            guard case .accepted(let record) = answer else { throw unexpected(answer, "an accepted job", line) }
            return record
        }
    }

    public func claim(
        _ limit: Int = 100, node: String = "node", kinds: [String]? = ["work"], queues: [String: Int]? = nil, ttl: Duration = .seconds(10),
        shares: Bool = true
    ) async throws -> [ClaimedJob] {
        try await claimed(limit, node: node, kinds: kinds, queues: queues, ttl: ttl, shares: shares).jobs
    }

    public func claimed(
        _ limit: Int = 100, node: String = "node", kinds: [String]? = ["work"], queues: [String: Int]? = nil, ttl: Duration = .seconds(10),
        shares: Bool = true
    ) async throws -> Claimed {
        try await store.claim(
            ClaimPlan(node: NodeID(node), kinds: kinds, queues: queues, limit: limit, ttl: ttl, sharesLiveness: shares))
    }

    /// Claims exactly one job.
    public func claimOne(
        node: String = "node", kinds: [String]? = nil, shares: Bool = true, line: Int = #line
    ) async throws -> ClaimedJob {
        let claimed = try await claim(1, node: node, kinds: kinds, shares: shares)
        guard let first = claimed.first else { throw Violation("nothing was handed out where a job is due", line: line) }
        return first
    }

    /// Enqueues a job and claims it; nothing else may be due.
    public func start(_ job: NewJob, node: String = "node", shares: Bool = true, line: Int = #line) async throws
        -> ClaimedJob
    {
        try await accept(job, line: line)
        let claimed = try await claimOne(node: node, shares: shares, line: line)
        try same(claimed.job.id, job.id, "the job handed out", line: line)
        return claimed
    }

    public func settle(_ settlement: Settlement) async throws -> SettleResult {
        let answers = try await store.settle([settlement])
        guard let answer = answers.first, answers.count == 1 else { throw Violation("one settlement has \(answers.count) answers") }
        return answer
    }

    /// Settles, which must succeed.
    public func end(
        _ job: ClaimedJob, _ disposition: Settlement.Disposition = .succeeded(result: nil), steps: [NewStep] = [], events: [NewEvent] = [],
        children: [NewJob] = [], line: Int = #line
    ) async throws {
        let answer = try await settle(Settlement(job.lease, disposition, steps: steps, events: events, children: children))
        guard case .settled = answer else { throw unexpected(answer, "a settlement that happened", line) }
    }

    /// Claims and finishes everything that is due.
    public func finishAll() async throws {
        for _ in 0..<1000 {
            let claimed = try await claim(1000, kinds: nil)
            if claimed.isEmpty { return }
            _ = try await store.settle(claimed.map { Settlement($0.lease, .succeeded(result: nil)) })
        }
        throw Violation("the work does not end")
    }

    public func detail(_ id: JobID, line: Int = #line) async throws -> JobDetail {
        guard let detail = try await store.job(id) else { throw Violation("job \(id) is not there", line: line) }
        return detail
    }

    public func record(_ id: JobID, line: Int = #line) async throws -> JobRecord { try await detail(id, line: line).job }

    @discardableResult
    public func append(_ type: String, to stream: String, _ data: Payload = .emptyObject, line: Int = #line) async throws
        -> Int
    {
        let answers = try await store.append([NewEvent(stream: stream, type: type, data: data)])
        guard case .at(let sequence)? = answers.first else { throw unexpected(answers, "an appended event", line) }
        return sequence
    }

    public func policy(_ queue: String = "default", _ shape: (inout QueuePolicy) -> Void) async throws {
        var policy = QueuePolicy()
        shape(&policy)
        _ = try await store.set(queue, .policy(policy))
    }

    /// Every job that matches, read page by page.
    public func everyJob(_ query: JobQuery = JobQuery()) async throws -> [JobRecord] {
        var (query, found) = (query, [JobRecord]())
        while true {
            let page = try await store.jobs(query)
            found += page.jobs
            guard let next = page.next else { return found }
            query.before = next
        }
    }

    // MARK: Rules

    public func expect(_ holds: Bool, _ rule: String, line: Int = #line) throws(Violation) {
        if !holds { throw Violation("not so: \(rule)", line: line) }
    }

    public func same<Value: Equatable>(_ actual: Value, _ expected: Value, _ what: String, line: Int = #line)
        throws(Violation)
    {
        if actual != expected { throw Violation("\(what): is \(actual), should be \(expected)", line: line) }
    }

    /// The store must throw; answers what.
    public func refusal<Answer>(
        _ what: String, line: Int = #line, _ call: () async throws(StoreError) -> Answer
    ) async throws(Violation) -> StoreError {
        let answer: Answer
        do throws(StoreError) {
            answer = try await call()
        } catch {
            return error
        }
        throw Violation("\(what) was answered with \(answer), should have been refused", line: line)
    }

    func unexpected(_ actual: some Any, _ expected: String, _ line: Int) -> Violation {
        Violation("\(actual), should be \(expected)", line: line)
    }
}

extension Array {
    /// The element at this place, which a broken store may not have given.
    func at(_ index: Int, line: Int = #line) throws(Violation) -> Element {
        guard indices.contains(index) else { throw Violation("\(count) answers are too few", line: line) }
        return self[index]
    }
}
