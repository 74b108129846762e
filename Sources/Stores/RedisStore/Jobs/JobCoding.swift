import MartletCore
import NIOCore

/// A job as `enqueue.lua` takes it in. Part of the data's format: fields are added at the end, never moved.
struct JobCoding {
    /// A payload up to this many bytes lies in the job's own value; `rows.lua` says the same.
    private static let inlineMax = 512

    let id: JobID
    /// The conflict, whether the due time is a delay, the due time; nothing for a plain job that is due at once.
    let ticket: [UInt8]
    /// What does not change: `head` and the payload, or `false` where that has a key of its own.
    let fixed: [UInt8]
    let payload: [UInt8]

    init(_ job: NewJob) {
        id = job.id
        ticket = Self.ticket(job)
        let isInline = job.payload.utf8.count <= Self.inlineMax
        var writer = Self.head(job, room: isInline ? job.payload.utf8.count : 0)
        if isInline { writer.add(bytes: job.payload.utf8) } else { writer.add(false) }
        fixed = writer.bytes
        payload = isInline ? [] : job.payload.utf8
    }

    var byteCount: Int { fixed.count + payload.count + ticket.count + 64 }

    func add(to command: inout RedisCommand) {
        command.add(id.bytes)
        command.add(ticket)
        command.add(fixed)
        command.add(payload)
    }

    /// As an element of an array.
    func add(to writer: inout PackWriter) {
        writer.addArray(payload.isEmpty ? 3 : 4)
        writer.add(id)
        writer.add(bytes: ticket)
        writer.add(bytes: fixed)
        if !payload.isEmpty { writer.add(bytes: payload) }
    }

    private static func ticket(_ job: NewJob) -> [UInt8] {
        if job.due == .now, job.key == nil { return [] }
        var writer = PackWriter(capacity: 32)
        writer.add((job.key?.conflict ?? .returnExisting).rawValue)
        switch job.due {
        case .after(let delay):
            writer.add(true)
            writer.add(delay)
        case .at(let time):
            writer.add(false)
            writer.add(time)
        }
        return writer.bytes
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
