import MartletCore
import NIOCore

/// Jobs as the functions answer them: id, what does not change, what does, a payload of its own, progress and its like, steps.
enum JobReading {
    /// Values of one job in an answer of several.
    private static let width = 6

    static func records(_ answer: RESPValue) throws(StoreError) -> [JobRecord] {
        try each(answer) { parts throws(StoreError) in try record(parts) }
    }

    static func details(_ answer: RESPValue) throws(StoreError) -> [JobDetail] {
        try each(answer) { parts throws(StoreError) in
            JobDetail(job: try record(parts), steps: try steps(parts.last?.elements ?? []))
        }
    }

    /// One job with its steps, its key's scope and its stream's last number.
    static func detail(_ answer: RESPValue) throws(StoreError) -> JobDetail {
        guard let parts = answer.elements, parts.count == width + 1, let rest = parts[width].buffer else { throw .unreadable }
        let record = try record(parts[..<width])
        var reader = PackReader(rest)
        let code = try reader.optionalInt()
        return JobDetail(
            job: record, steps: try steps(parts[width - 1].elements ?? []), keyScope: code.map(keyScope), lastEvent: try reader.int())
    }

    private static func keyScope(_ code: Int) -> IdempotencyKey.Scope {
        switch code {
        case 0: .untilFinished
        case 1: .forever
        default: .window(code < 0 ? .microseconds(-code) : .zero)
        }
    }

    private static func each<Value>(
        _ answer: RESPValue, _ read: (ArraySlice<RESPValue>) throws(StoreError) -> Value
    ) throws(StoreError) -> [Value] {
        guard let parts = answer.elements, parts.count.isMultiple(of: width) else { throw .unreadable }
        var found: [Value] = []
        found.reserveCapacity(parts.count / width)
        for start in stride(from: 0, to: parts.count, by: width) { found.append(try read(parts[start..<start + width])) }
        return found
    }

    static func record(_ answer: RESPValue) throws(StoreError) -> JobRecord {
        guard let record = try records(answer).first else { throw .unreadable }
        return record
    }

    private static func record(_ slice: ArraySlice<RESPValue>) throws(StoreError) -> JobRecord {
        let parts = Array(slice)
        guard let id = parts[0].buffer.flatMap(JobID.init(bytes:)),
            let fixed = parts[1].buffer, let state = parts[2].buffer
        else { throw .unreadable }
        var record = try record(id, fixed, payload: parts[3].buffer)
        try read(state, into: &record)
        if let extras = parts[4].buffer { try read(extras: extras, into: &record) }
        return record
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

    /// Numbers of fixed widths, as `rows.lua` lays them, and the lane, which is known; what follows it says by the flags.
    private static func read(_ state: ByteBuffer, into record: inout JobRecord) throws(StoreError) {
        var state = state
        guard let number: UInt8 = state.readInteger(), let flags: UInt8 = state.readInteger(), let attempt: UInt32 = state.readInteger(),
            let epoch: UInt32 = state.readInteger(), let settledEpoch: UInt32 = state.readInteger(), let deaths: UInt8 = state.readInteger(),
            let _: UInt32 = state.readInteger(), let dueAt = instant(&state), let createdAt = instant(&state),
            let lane: UInt16 = state.readInteger(), state.readSlice(length: Int(lane)) != nil
        else { throw .unreadable }
        let mark = try Mark(stored: Int(number))
        (record.phase, record.outcome) = (mark.phase, mark.outcome)
        (record.attempt, record.epoch, record.settledEpoch, record.deaths) = (Int(attempt), Int(epoch), Int(settledEpoch), Int(deaths))
        record.isCancelRequested = flags & 1 == 1
        (record.dueAt, record.createdAt) = (dueAt, createdAt)
        if flags & 128 != 0 {
            record.finishedAt = time(&state)
        } else if flags & 64 != 0 {
            record.startedAt = time(&state)
            record.finishedAt = time(&state)
            _ = time(&state)
            record.node = NodeID(String(buffer: state))
        }
    }

    private static func instant(_ state: inout ByteBuffer) -> Timestamp? {
        guard let bits: UInt64 = state.readInteger(), let time = Int64(exactly: Double(bitPattern: bits)) else { return nil }
        return Timestamp(microseconds: time)
    }

    /// `nil` for zero, which stands for none.
    private static func time(_ state: inout ByteBuffer) -> Timestamp? {
        instant(&state).flatMap { $0 == .epoch ? nil : $0 }
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
