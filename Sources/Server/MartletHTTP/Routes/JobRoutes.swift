import HTTPTypes
import Hummingbird
import Martlet
import MartletCore

/// `/v1/jobs`: enqueue, look, cancel, revive, signal, follow.
struct JobRoutes: Sendable {
    let backend: Backend

    func add(to router: Router<APIContext>) {
        router.post("/v1/jobs") { request, context in try await enqueue(request, context) }
        router.get("/v1/jobs") { request, context in try await list(request, context) }
        router.get("/v1/jobs/:id") { request, context in try await show(request, context) }
        router.post("/v1/jobs/:id/cancel") { request, context in try await cancel(request, context) }
        router.post("/v1/jobs/:id/revive") { request, context in try await revive(request, context) }
        router.post("/v1/jobs/:id/signal") { request, context in try await signal(request, context) }
        router.get("/v1/jobs/:id/events") { request, context in try await follow(request, context) }
    }

    private func enqueue(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, allowed: [])
        // The reader is made after the body is there: the optimizer of Swift 6.3.1 crashes where it lives across the wait.
        let json = try await backend.json(request)
        return try Self.answer(try await backend.store.enqueue([try context.principal.owning(try backend.newJob(json))])[0])
    }

    private static func answer(_ enqueued: Enqueued) throws -> Response {
        switch enqueued {
        case .accepted(let job):
            return response(job, status: .created, headers: [.location: "/v1/jobs/\(job.id)"])
        case .duplicate(let job, let isReplaced):
            return .json(.ok, capacity: job.payload.utf8.count + 800) { writer in
                writer.beginObject()
                writer.jobMembers(job)
                writer.member("duplicate", true)
                writer.member("replaced", isReplaced)
                writer.endObject()
            }
        case .refused(let error):
            throw error
        }
    }

    private static func response(_ job: JobRecord, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        .json(status, capacity: job.payload.utf8.count + (job.result?.utf8.count ?? 0) + 800, headers: headers) { $0.job(job) }
    }

    private static let filters = [
        "phase", "outcome", "kind", "queue", "tenant", "key", "trigger", "parent", "label", "limit", "cursor",
    ]

    private func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let query = try QueryReader(request, allowed: Self.filters)
        var filter = JobQuery()
        filter.phase = try query.word("phase", Phase.self)
        filter.outcome = try query.word("outcome", Outcome.self)
        filter.kind = try query.text("kind")
        filter.queue = try query.text("queue")
        filter.tenant = try query.text("tenant")
        filter.key = try query.text("key")
        filter.trigger = try query.text("trigger")
        filter.parent = try query.id("parent")
        filter.labels = try Self.labels(query)
        filter.limit = try query.count("limit", cappedAt: Limits.pageMax) ?? Limits.pageDefault
        filter.before = try query.id("cursor")
        let page = try await backend.store.jobs(filter, seenBy: context.principal)
        return .json(capacity: 800 * page.jobs.count + 64) { writer in
            writer.beginObject()
            writer.array("jobs", page.jobs) { $0.job($1) }
            writer.member("next_cursor", page.next?.description)
            writer.endObject()
        }
    }

    private static func labels(_ query: QueryReader) throws(Problem) -> [String: String] {
        var labels: [String: String] = [:]
        for text in query.all("label") {
            guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { throw .invalid("label", "must be name:value") }
            let (name, value) = (String(text[..<colon]), String(text[text.index(after: colon)...]))
            guard labels[name] == nil || labels[name] == value else { throw .invalid("label", "asks for two values of one label") }
            labels[name] = value
        }
        return labels
    }

    /// A job of another tenant is no job.
    private func detail(_ id: JobID, _ context: APIContext) async throws -> JobDetail {
        guard let detail = try await backend.store.job(id), context.principal.sees(detail.job.tenant) else { throw Problem.notFound("job \(id)") }
        return detail
    }

    private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, allowed: [])
        let detail = try await detail(try PathReader.job(context), context)
        return .json(capacity: detail.job.payload.utf8.count + 800 + 120 * detail.steps.count) { writer in
            writer.beginObject()
            writer.jobMembers(detail.job)
            writer.array("steps", detail.steps) { $0.step($1) }
            writer.endObject()
        }
    }

    private func cancel(_ request: Request, _ context: APIContext) async throws -> Response {
        try await backend.requireNoFields(request)
        let id = try PathReader.job(context)
        try await backend.store.requireJob(id, seenBy: context.principal)
        return Self.response(try await backend.audit.record(.cancelJob, "job/\(id)", context.principal) { try await backend.engine.cancel(id) })
    }

    private func revive(_ request: Request, _ context: APIContext) async throws -> Response {
        try await backend.requireNoFields(request)
        let id = try PathReader.job(context)
        try await backend.store.requireJob(id, seenBy: context.principal)
        return Self.response(try await backend.audit.record(.reviveJob, "job/\(id)", context.principal) { try await backend.store.revive(id) })
    }

    private func signal(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try PathReader.job(context)
        let fields = try FieldReader(try await backend.json(request), allowed: ["name", "data"])
        let name = try fields.name("name", bytesMax: Limits.nameBytes - Signal.eventType("").utf8.count)
        try await backend.store.requireJob(id, seenBy: context.principal)
        let sequence = try await backend.engine.signal(id, name, data: Payload(fields.json("data") ?? .null))
        return .json { writer in
            writer.beginObject()
            writer.member("stream", StreamName.job(id))
            writer.member("seq", sequence)
            writer.endObject()
        }
    }

    private func follow(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try PathReader.job(context)
        let query = try QueryReader(request, allowed: ["after"])
        let after = try backend.position(request, query)
        _ = try await detail(id, context)
        let follower = StreamFollower(
            engine: backend.engine, stream: StreamName.job(id), after: after, job: id, keepAlive: backend.configuration.keepAlive,
            reader: context.identity)
        return try .sse(follower, until: try await context.departure(), in: backend.streams)
    }
}
