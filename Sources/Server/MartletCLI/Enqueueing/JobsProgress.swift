import MartletCore

/// Watches jobs until all of them are finished.
///
/// A store has no question for "these jobs", so they are asked for one by one; at most `lookupsMax` at a time, going round, so that a million of
/// them cost the store no more than a thousand. What is shown may therefore lag a little; the end is exact.
struct JobsProgress {
    private let session: StoreSession
    private let total: Int
    private var pending: [JobID]
    private var cursor = 0
    private var succeeded = 0
    private var failed = 0
    private var cancelled = 0
    private var bar: ProgressBar

    private static let interval: Duration = .milliseconds(200)
    private static let lookupsMax = 1000

    init(_ session: StoreSession, _ ids: [JobID]) {
        self.session = session
        // Two lines may stand for one job.
        pending = Array(Set(ids)).sorted()
        total = pending.count
        bar = ProgressBar(session.terminal, clock: session.environment.clock)
    }

    /// - Returns: how many did not succeed.
    consuming func watch() async throws -> Int {
        while !pending.isEmpty {
            let finished = try await look()
            let text = text
            bar.show(Double(total - pending.count) / Double(max(1, total)), text)
            // Where most of them are finished already, the next look is worth taking at once.
            if finished < Self.lookupsMax / 2 { try await session.pause(Self.interval) }
        }
        let summary = "\(text) in \(Wording.duration(bar.elapsed))"
        bar.finish(summary)
        return failed + cancelled
    }

    private var text: String {
        var text = "\(Wording.count(total - pending.count)) of \(Wording.plural(total, "job")) finished"
        if failed > 0 { text += ", \(Wording.count(failed)) failed" }
        if cancelled > 0 { text += ", \(Wording.count(cancelled)) cancelled" }
        return text
    }

    /// - Returns: how many of those looked at are finished.
    private mutating func look() async throws -> Int {
        if cursor >= pending.count { cursor = 0 }
        let window = pending[cursor..<min(cursor + Self.lookupsMax, pending.count)]
        var kept: [JobID] = []
        for id in window {
            // One that is gone was finished, and removed by retention.
            guard let job = try await session.store.job(id)?.job else { continue }
            switch job.outcome {
            case .succeeded: succeeded += 1
            case .failed: failed += 1
            case .cancelled: cancelled += 1
            case nil: kept.append(id)
            }
        }
        let finished = window.count - kept.count
        pending.replaceSubrange(window.indices, with: kept)
        cursor += kept.count
        return finished
    }
}
