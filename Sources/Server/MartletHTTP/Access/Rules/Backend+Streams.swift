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
