import MartletCore

extension Principal {
    /// The job as this principal may enqueue it: in the name of its own tenant.
    /// - Throws: `forbidden` where it names another.
    func owning(_ job: NewJob) throws(Problem) -> NewJob {
        guard let tenant, job.tenant != tenant else { return job }
        guard job.tenant.isEmpty else {
            throw Problem(.forbidden, "this principal enqueues for its own tenant alone", [.init("field", "tenant")])
        }
        var job = job
        job.tenant = tenant
        return job
    }

    /// The query cut down to what this principal may see.
    /// - Returns: `nil` where it asks for another tenant, of which there is nothing.
    func narrowing(_ query: JobQuery) -> JobQuery? {
        guard let tenant else { return query }
        guard query.tenant == nil || query.tenant == tenant else { return nil }
        var query = query
        query.tenant = tenant
        return query
    }
}

extension Store {
    /// - Throws: `notFound` for a job that the principal does not see, as for one that does not exist.
    func requireJob(_ id: JobID, seenBy principal: Principal) async throws {
        guard principal.tenant != nil else { return }
        guard let detail = try await job(id), principal.sees(detail.job.tenant) else { throw Problem.notFound("job \(id)") }
    }

    /// The jobs of a page that the principal sees.
    func jobs(_ query: JobQuery, seenBy principal: Principal) async throws -> JobPage {
        guard let narrowed = principal.narrowing(query) else { return JobPage(jobs: [], next: nil) }
        return try await jobs(narrowed)
    }
}
