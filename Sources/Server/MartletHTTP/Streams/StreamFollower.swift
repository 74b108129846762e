import Hummingbird
import Martlet
import MartletCore
import NIOCore

/// Sends one reader a stream as it grows. It takes a page, writes it, and only when the reader has taken that looks for more: a slow reader
/// holds no buffer and slows nobody. Pages are read and encoded once for all who are at the same place.
///
/// Where the stream is a job's, it also sends the job's state when that has changed, and ends when the job is finished and its stream sent.
struct StreamFollower: Sendable {
    let engine: Engine
    let pages: StreamPages
    let looks: JobLooks
    let stream: String
    /// The last sequence number that the reader has.
    let after: Int
    /// The job to report on.
    let job: JobID?
    let keepAlive: Duration
    /// Whoever may no longer read hears no more, within `keepAlive`.
    let reader: Identity

    /// How much a reader is written at once, but for one event that is larger.
    private static let bytesMax = 256 << 10

    /// What has been sent, and when.
    private struct Sent {
        var job: JobRecord?
        var lastWrite: Duration
    }

    /// Returns when the job is finished, the reader has gone or the server stops.
    @concurrent
    func run(_ writer: inout any ResponseBodyWriter, until ending: Ending) async throws {
        let clock = engine.environment.clock
        let watch = engine.hub.watch([stream])
        var position = after
        var sent = Sent(job: nil, lastWrite: clock.uptime())
        try await writer.write(ByteBuffer(bytes: SSE.retry))
        while ending.reason == nil, reader.check() {
            let woken = clock.uptime()
            // The job before its stream: what a finished job's stream holds then is all it will hold.
            let look = try await lookAtJob()
            let read = try await pages.read(stream, after: position)
            var buffers = frames(read, &position)
            let isComplete = read.end != .further && position == read.position
            var bytes: [UInt8] = []
            let isOver = state(look, isComplete && read.end == .reached, &sent, &bytes)
            if buffers.isEmpty, bytes.isEmpty, clock.uptime() - sent.lastWrite >= keepAlive { bytes = SSE.keepAlive }
            if !bytes.isEmpty { buffers.append(ByteBuffer(bytes: bytes)) }
            for buffer in buffers { try await writer.write(buffer) }
            if !buffers.isEmpty { sent.lastWrite = clock.uptime() }
            if isOver { return }
            // A finished job's stream is read until the store says that this was all.
            if isComplete, read.end == .reached || look?.job?.phase != .finished {
                await watch.next(atMost: pause(sent, look, since: woken), or: ending)
            }
        }
    }

    private func lookAtJob() async throws -> JobLooks.Look? {
        guard let job else { return nil }
        return try await looks.look(at: job)
    }

    /// How long to wait at most: until the stream has been silent too long, or the job may be looked at again.
    private func pause(_ sent: Sent, _ look: JobLooks.Look?, since woken: Duration) -> Duration {
        let now = engine.environment.clock.uptime()
        var limit = sent.lastWrite + keepAlive - now
        // What has woken this reader may have happened after somebody else's look.
        if let look, look.at < woken { limit = min(limit, look.at + JobLooks.pause - now) }
        return max(limit, .milliseconds(1))
    }

    /// What the reader is written of the page, which moves its position.
    private func frames(_ read: StreamRead, _ position: inout Int) -> [ByteBuffer] {
        var buffers: [ByteBuffer] = []
        if let first = read.gap {
            // Retention has been faster than this reader: said, not passed over (invariant 5).
            var bytes: [UInt8] = []
            SSE.write("gap", to: &bytes) { writer in
                writer.beginObject()
                writer.member("after", position)
                writer.member("first", first)
                writer.endObject()
            }
            buffers.append(ByteBuffer(bytes: bytes))
        }
        guard let slice = read.slice else {
            position = read.position
            return buffers
        }
        let (bytes, last) = slice.encoded(as: .serverSentEvent, bytesMax: Self.bytesMax)
        position = last
        return buffers + [bytes]
    }

    /// Appends the job's state where it has changed, and its end.
    /// - Returns: whether nothing more will come.
    private func state(_ look: JobLooks.Look?, _ isDrained: Bool, _ sent: inout Sent, _ bytes: inout [UInt8]) -> Bool {
        guard let look else { return false }
        guard let job = look.job else {
            // Retention has removed the job, and its stream with it.
            SSE.write("end", to: &bytes) { writer in
                writer.beginObject()
                writer.member("phase", String?.none)
                writer.member("outcome", String?.none)
                writer.endObject()
            }
            return true
        }
        if job != sent.job {
            sent.job = job
            SSE.write("state", to: &bytes) { writer in
                writer.beginObject()
                writer.jobMembers(job, hasPayload: false)
                writer.endObject()
            }
        }
        guard job.phase == .finished, isDrained else { return false }
        SSE.write("end", to: &bytes) { writer in
            writer.beginObject()
            writer.member("phase", job.phase.rawValue)
            writer.member("outcome", job.outcome?.rawValue)
            writer.endObject()
        }
        return true
    }
}
