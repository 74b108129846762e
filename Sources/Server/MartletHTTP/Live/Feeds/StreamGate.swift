import MartletCore

/// Who may read which stream. A stream that somebody may not read looks like one that does not exist.
struct StreamGate: Sendable {
    private let check: @Sendable (Principal, String) async throws -> Bool

    /// - Parameter check: whether this reader may have this stream; throws where the store cannot be asked.
    init(_ check: @escaping @Sendable (Principal, String) async throws -> Bool) {
        self.check = check
    }

    func allows(_ principal: Principal, _ stream: String) async throws -> Bool { try await check(principal, stream) }

    /// Who sees all tenants sees all streams. Who sees one tenant sees the streams of its jobs.
    static func byTenant(_ store: any Store) -> StreamGate {
        StreamGate { principal, stream in
            if principal.tenant == nil { return true }
            guard let id = StreamName.job(in: stream), let job = try await store.job(id)?.job else { return false }
            // Only the name that the engine itself writes to: another spelling of the id is another stream.
            return stream == StreamName.job(id) && principal.sees(job.tenant)
        }
    }
}
