import MartletCore

extension Backend {
    /// - Throws: `forbidden` where a scope is missing; `notFound` for a stream that somebody of a tenant does not see, as for one of a job that
    ///   does not exist.
    func requireStream(_ stream: String, seenBy principal: Principal) async throws {
        switch principal.reading(stream) {
        case .granted: return
        case .asJob(let id): try await store.requireJob(id, seenBy: principal)
        case .hidden:
            let scope: Scope = StreamName.job(in: stream) != nil ? .jobsRead : stream == StreamName.audit ? .admin : .eventsRead
            guard principal.tenant != nil, principal.may(scope) || scope == .admin else { throw Problem.forbidden(scope) }
            throw Problem.notFound("stream '\(Limits.cut(stream, to: 64))'")
        }
    }
}

extension Store {
    /// Whether a reader of this name's stream gets it; one that is hidden looks like one that does not exist.
    func shows(_ stream: String, to principal: Principal) async throws -> Bool {
        switch principal.reading(stream) {
        case .granted: return true
        case .hidden: return false
        case .asJob(let id):
            guard principal.tenant != nil else { return true }
            // Only the name that the engine itself writes to: another spelling of the id is another stream.
            guard stream == StreamName.job(id), let detail = try await job(id) else { return false }
            return principal.sees(detail.job.tenant)
        }
    }
}
