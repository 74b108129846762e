import Hummingbird
import Martlet
import MartletCore
import NIOCore

/// Sends one reader a stream as it grows. It reads a page, writes it, and only when the reader has taken that looks for more: a slow reader
/// holds no buffer and slows nobody.
///
/// Where the stream is a job's, it also sends the job's state when that has changed, and ends when the job is finished and its stream sent.
struct StreamFollower: Sendable {
    let engine: Engine
    let stream: String
    /// The last sequence number that the reader has.
    let after: Int
    /// The job to report on.
    let job: JobID?
    let keepAlive: Duration
    /// Whoever may no longer read hears no more, within `keepAlive`.
    let reader: Identity

    private static let pageSize = 200
    /// A busy stream does not have its job read for each of its events.
    private static let statePause: Duration = .milliseconds(100)

    /// What has been sent, and when.
    private struct Sent {
        var job: JobRecord?
        var jobReadAt: Duration?
        var lastWrite: Duration
    }

    /// What a look at the job found; `nil` where retention has removed it.
    private struct Look {
        let job: JobRecord?
    }

    /// Returns when the job is finished, the reader has gone or the server stops.
    @concurrent
    func run(_ writer: inout any ResponseBodyWriter, until ending: Ending) async throws {
        let clock = engine.environment.clock
        let watch = engine.hub.watch([stream])
        var position = after
        var sent = Sent(job: nil, jobReadAt: nil, lastWrite: clock.uptime())
        try await writer.write(ByteBuffer(bytes: SSE.retry))
        while ending.reason == nil, reader.check() {
            // The job before its stream: what a finished job's stream holds then is all it will hold.
            let look = try await lookAtJob(&sent)
            let page = try await engine.store.read(stream, after: position, limit: Self.pageSize)
            var bytes = frames(page, after: position)
            position = page.events.last?.sequence ?? max(position, page.first - 1)
            let isDrained = page.events.count < Self.pageSize
            let isOver = state(look, isDrained, &sent, &bytes)
            if bytes.isEmpty, clock.uptime() - sent.lastWrite >= keepAlive { bytes = SSE.keepAlive }
            if !bytes.isEmpty {
                try await writer.write(ByteBuffer(bytes: bytes))
                sent.lastWrite = clock.uptime()
            }
            if isOver { return }
            if isDrained { await watch.next(atMost: pause(sent), or: ending) }
        }
    }

    /// `nil` where it is not time to look.
    private func lookAtJob(_ sent: inout Sent) async throws -> Look? {
        guard let job else { return nil }
        let now = engine.environment.clock.uptime()
        if let last = sent.jobReadAt, now - last < Self.statePause { return nil }
        sent.jobReadAt = now
        return Look(job: try await engine.store.job(job)?.job)
    }

    /// How long to wait at most: until the stream has been silent too long, or the job may be looked at again.
    private func pause(_ sent: Sent) -> Duration {
        let now = engine.environment.clock.uptime()
        var limit = sent.lastWrite + keepAlive - now
        if let last = sent.jobReadAt, now - last < Self.statePause { limit = min(limit, last + Self.statePause - now) }
        return max(limit, .milliseconds(1))
    }

    private func frames(_ page: EventPage, after position: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        if page.first > position + 1, page.last > position {
            // Retention has been faster than this reader: said, not passed over (invariant 5).
            SSE.write("gap", to: &bytes) { writer in
                writer.beginObject()
                writer.member("after", position)
                writer.member("first", page.first)
                writer.endObject()
            }
        }
        for event in page.events { SSE.write(event, to: &bytes) }
        return bytes
    }

    /// Appends the job's state where it has changed, and its end.
    /// - Returns: whether nothing more will come.
    private func state(_ look: Look?, _ isDrained: Bool, _ sent: inout Sent, _ bytes: inout [UInt8]) -> Bool {
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
