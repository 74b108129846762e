import MartletCore
import NIOCore

/// A job as `enqueue.lua` takes it in. Part of the data's format: fields are added at the end, never moved.
struct JobCoding {
    /// A payload up to this many bytes lies in the job's own value; `rows.lua` says the same.
    private static let inlineMax = 512

    let id: JobID
    /// What the function needs to know of the job: `common` alone where the job is due at once, has no key and a small payload; else the conflict,
    /// whether the due time is a delay, the due time, `common`, a payload that gets a key of its own.
    let ticket: [UInt8]
    /// What does not change: `head` and the payload, or `false` where that has a key of its own.
    let fixed: [UInt8]

    init(_ job: NewJob) {
        id = job.id
        let isInline = job.payload.utf8.count <= Self.inlineMax
        ticket = Self.ticket(job, isInline: isInline)
        var writer = Self.head(job, room: isInline ? job.payload.utf8.count : 0)
        if isInline { writer.add(bytes: job.payload.utf8) } else { writer.add(false) }
        fixed = writer.bytes
    }

    var byteCount: Int { fixed.count + ticket.count + 64 }

    func add(to command: inout RedisCommand) {
        command.add(id.bytes)
        command.add(ticket)
        command.add(fixed)
    }

    /// As an element of an array.
    func add(to writer: inout PackWriter) {
        writer.addArray(3)
        writer.add(id)
        writer.add(bytes: ticket)
        writer.add(bytes: fixed)
    }

    private static func ticket(_ job: NewJob, isInline: Bool) -> [UInt8] {
        let common = common(job)
        if job.due == .now, job.key == nil, isInline { return common }
        var writer = PackWriter(capacity: 48 + common.count + (isInline ? 0 : job.payload.utf8.count))
        writer.add((job.key?.conflict ?? .returnExisting).rawValue)
        switch job.due {
        case .after(let delay):
            writer.add(true)
            writer.add(delay)
        case .at(let time):
            writer.add(false)
            writer.add(time)
        }
        writer.add(bytes: common)
        if !isInline { writer.add(bytes: job.payload.utf8) }
        return writer.bytes
    }

    /// What many jobs share, as `rows.lua` takes it in: a zero, which no other ticket begins with, flags, the most attempts, the lane.
    static func common(_ job: NewJob) -> [UInt8] {
        let isSpecial = job.key != nil || job.parent != nil || job.trigger != nil || job.queueTimeout != nil
        var bytes: [UInt8] = [0, (isSpecial ? 16 : 0) | (job.labels.isEmpty ? 0 : 32)]
        withUnsafeBytes(of: UInt32(clamping: job.maxAttempts).bigEndian) { bytes.append(contentsOf: $0) }
        for name in [job.queue, job.tenant, job.kind] {
            bytes.append(contentsOf: name.utf8)
            bytes.append(0)
        }
        bytes.append(contentsOf: String(job.priority.level).utf8)
        return bytes
    }

    /// Everything but the payload.
    static func head(_ job: NewJob, room: Int = 0) -> PackWriter {
        var writer = PackWriter(capacity: 96 + room)
        for name in [job.kind, job.queue, job.tenant] { writer.add(name) }
        writer.add(job.priority.level)
        writer.add(job.maxAttempts)
        writer.add(job.queueTimeout)
        writer.add(job.key?.name)
        writer.add(job.key.map { number(of: $0.scope) })
        writer.add(bytes: job.parent?.job.bytes)
        writer.add(job.parent?.group)
        writer.add(job.trigger)
        writer.add(job.timeout)
        writer.add(bytes: labels(job.labels))
        return writer
    }

    /// Zero until finished, one for ever, below zero the microseconds of a window.
    private static func number(of scope: IdempotencyKey.Scope) -> Int {
        switch scope {
        case .untilFinished: 0
        case .forever: 1
        // One that has ended elsewhere is of no length, and zero means something else.
        case .window(let span): -max(1, Int(span.microseconds))
        }
    }

    private static func labels(_ labels: [String: String]) -> [UInt8]? {
        if labels.isEmpty { return nil }
        var writer = PackWriter()
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
            writer.add(name)
            writer.add(value)
        }
        return writer.bytes
    }
}
