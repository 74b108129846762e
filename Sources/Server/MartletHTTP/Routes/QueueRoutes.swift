import Hummingbird
import Martlet
import MartletCore

/// `/v1/queues`: look, change the policy, pause, resume.
struct QueueRoutes: Sendable {
    let backend: Backend

    func add(to router: Router<APIContext>) {
        router.get("/v1/queues") { request, _ in try await list(request) }
        router.get("/v1/queues/:name") { request, context in try await show(request, context) }
        router.patch("/v1/queues/:name") { request, context in try await change(request, context) }
        router.post("/v1/queues/:name/pause") { request, context in try await set(paused: true, request, context) }
        router.post("/v1/queues/:name/resume") { request, context in try await set(paused: false, request, context) }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try QueryReader(request, allowed: NamePage<QueueState>.parameters)
        let page = try NamePage(try await backend.store.overview().queues, by: \.name, query)
        return .json(capacity: 320 * page.rows.count + 64) { writer in
            writer.beginObject()
            writer.array("queues", page.rows) { $0.queue($1) }
            writer.member("next_cursor", page.next)
            writer.endObject()
        }
    }

    private func find(_ name: String) async throws -> QueueState? {
        try await backend.store.overview().queues.first { $0.name == name }
    }

    private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, allowed: [])
        let name = try PathReader.name(context)
        guard let queue = try await find(name) else { throw Problem.notFound("queue '\(name)'") }
        return .json { $0.queue(queue) }
    }

    private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try PathReader.name(context)
        let json = try await backend.json(request)
        // Two changes of one policy at once, here or on another server, must not undo each other's fields.
        let queue = try await backend.engine.withLease("policy/\(name)", for: .seconds(5), waiting: .seconds(10)) { _ in
            let policy = try PolicyReader.apply(json, to: try await find(name)?.policy ?? QueuePolicy())
            return try await backend.audit.record(.changeQueue, "queue/\(name)", context.principal) {
                try await backend.store.set(name, .policy(policy))
            }
        }
        return .json { $0.queue(queue) }
    }

    private func set(paused: Bool, _ request: Request, _ context: APIContext) async throws -> Response {
        let name = try PathReader.name(context)
        try await backend.requireNoFields(request)
        let queue = try await backend.audit.record(paused ? .pauseQueue : .resumeQueue, "queue/\(name)", context.principal) {
            try await backend.store.set(name, .paused(paused))
        }
        return .json { $0.queue(queue) }
    }
}
