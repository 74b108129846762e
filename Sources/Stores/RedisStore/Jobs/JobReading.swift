import MartletCore
import NIOCore

/// Jobs as the functions answer them: id, what does not change, what does, a payload of its own, progress and its like, steps.
enum JobReading {
    static func record(_ answer: RESPValue) throws(StoreError) -> JobRecord {
        guard let parts = answer.elements, parts.count >= 3, let id = parts[0].buffer.flatMap(JobID.init(bytes:)),
            let fixed = parts[1].buffer, let state = parts[2].buffer
        else { throw .unreadable }
        var record = try record(id, fixed, payload: parts.count > 3 ? parts[3].buffer : nil)
        try read(state, into: &record)
        if parts.count > 4, let extras = parts[4].buffer { try read(extras: extras, into: &record) }
        return record
    }

    static func detail(_ answer: RESPValue) throws(StoreError) -> JobDetail {
        let steps = (answer.elements ?? []).dropFirst(5).first?.elements ?? []
        return JobDetail(job: try record(answer), steps: try Self.steps(steps))
    }

    /// Fields and values of a hash, in turn.
    private static func steps(_ fields: [RESPValue]) throws(StoreError) -> [Step] {
        var found: [(number: Int, step: Step)] = []
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            guard let name = fields[index].string, let stored = fields[index + 1].buffer else { throw .unreadable }
            found.append(try step(name, stored))
        }
        return found.sorted { $0.number < $1.number }.map(\.step)
    }

    static func step(_ name: String, _ stored: ByteBuffer) throws(StoreError) -> (number: Int, step: Step) {
        var reader = PackReader(stored)
        let number = try reader.int()
        let state: Step.State = try reader.int() == 2 ? .done : .intended
        let time = try reader.time()
        return (number, Step(name: name, state: state, result: try StoredValue.payload(try reader.bytes()), recordedAt: time))
    }

    private static func record(_ id: JobID, _ fixed: ByteBuffer, payload: ByteBuffer?) throws(StoreError) -> JobRecord {
        var reader = PackReader(fixed)
        let (kind, queue, tenant) = (try reader.string(), try reader.string(), try reader.string())
        guard let priority = Priority(try reader.int()) else { throw .unreadable }
        let (maxAttempts, queueTimeout) = (try reader.int(), try reader.optionalDuration())
        let (key, _) = (try reader.optionalString(), try reader.optionalInt())
        let (parent, group, trigger) = (try reader.optionalBytes(), try reader.optionalString(), try reader.optionalString())
        let (timeout, labels) = (try reader.optionalDuration(), try reader.optionalBytes())
        guard let payload = try reader.optionalBytes() ?? payload else { throw .unreadable }
        var job = NewJob(id: id, kind: kind, payload: try StoredValue.payload(payload))
        (job.queue, job.tenant, job.priority) = (queue, tenant, priority)
        (job.maxAttempts, job.queueTimeout, job.timeout) = (maxAttempts, queueTimeout, timeout)
        if let parent = parent.flatMap(JobID.init(bytes:)), let group { job.parent = NewJob.Parent(job: parent, group: group) }
        if let labels { job.labels = try read(labels: labels) }
        job.trigger = trigger
        var record = JobRecord(accepting: job, at: .epoch)
        record.key = key
        return record
    }

    private static func read(labels: ByteBuffer) throws(StoreError) -> [String: String] {
        var (reader, found) = (PackReader(labels), [String: String]())
        while !reader.isAtEnd { found[try reader.string()] = try reader.string() }
        return found
    }

    private static func read(_ state: ByteBuffer, into record: inout JobRecord) throws(StoreError) {
        var reader = PackReader(state)
        let mark = try Mark(stored: try reader.int())
        (record.phase, record.outcome) = (mark.phase, mark.outcome)
        record.attempt = try reader.int()
        record.epoch = try reader.int()
        record.settledEpoch = try reader.int()
        record.deaths = try reader.int()
        record.isCancelRequested = try reader.int() & 1 == 1
        record.dueAt = try reader.time()
        record.createdAt = try reader.time()
        record.startedAt = try reader.optionalTime()
        record.finishedAt = try reader.optionalTime()
        record.node = try reader.optionalString().map { NodeID($0) }
    }

    private static func read(extras: ByteBuffer, into record: inout JobRecord) throws(StoreError) {
        var reader = PackReader(extras)
        if let progress = try reader.optionalBytes() {
            var parts = PackReader(progress)
            record.progress = Progress(fraction: try parts.double(), message: try parts.optionalString())
        }
        record.result = try reader.optionalBytes().map(StoredValue.payload)
        record.error = try reader.optionalBytes().map(FailureCoding.decode)
        record.wait = try reader.optionalBytes().map(WaitCoding.decode)
    }
}
