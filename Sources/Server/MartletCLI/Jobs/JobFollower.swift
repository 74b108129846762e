import MartletCore

/// Follows one job until it is finished: hands over what its stream says, each event once and in order.
struct JobFollower {
    let session: StoreSession
    let id: JobID
    private(set) var position: Int

    /// Other processes cannot wake this one; this often it looks.
    private static let interval: Duration = .milliseconds(100)

    init(_ session: StoreSession, _ id: JobID, after position: Int = 0) {
        self.session = session
        self.id = id
        self.position = position
    }

    /// - Returns: the job as it ended.
    /// - Throws: `StoreError.notFound` where there is no such job, or retention removed it meanwhile.
    mutating func follow(_ show: (Event) -> Void) async throws -> JobRecord {
        while true {
            // The job first: when it is finished, everything it said is in the stream already.
            guard let job = try await session.store.job(id)?.job else { throw StoreError.notFound("job \(id)") }
            try await drain(show)
            if job.phase == .finished { return job }
            try await session.pause(Self.interval)
        }
    }

    /// Hands over what is there now.
    mutating func drain(_ show: (Event) -> Void) async throws {
        while true {
            let page = try await session.store.read(StreamName.job(id), after: position, limit: Limits.eventPageMax)
            for event in page.events { show(event) }
            guard let last = page.events.last else { return }
            position = last.sequence
        }
    }
}
