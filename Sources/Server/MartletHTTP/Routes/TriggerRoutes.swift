import Hummingbird
import Martlet
import MartletCore

/// `/v1/triggers`: look, put, delete.
struct TriggerRoutes: Sendable {
    let backend: Backend

    func add(to router: Router<APIContext>) {
        router.get("/v1/triggers") { request, _ in try await list(request) }
        router.get("/v1/triggers/:name") { request, context in try await show(request, context) }
        router.put("/v1/triggers/:name") { request, context in try await put(request, context) }
        router.delete("/v1/triggers/:name") { request, context in try await delete(request, context) }
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try QueryReader(request, allowed: NamePage<TriggerState>.parameters)
        let overview = try await backend.store.overview()
        let page = try NamePage(overview.triggers, by: \.name, query)
        return .json(capacity: 640 * page.rows.count + 64) { writer in
            writer.beginObject()
            writer.array("triggers", page.rows) { $0.trigger($1, now: overview.now) }
            writer.member("next_cursor", page.next)
            writer.endObject()
        }
    }

    private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, allowed: [])
        let name = try PathReader.name(context)
        let overview = try await backend.store.overview()
        guard let trigger = overview.triggers.first(where: { $0.name == name }) else { throw Problem.notFound("trigger '\(name)'") }
        return .json { $0.trigger(trigger, now: overview.now) }
    }

    private func put(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try PathReader.name(context)
        let json = try await backend.json(request)
        let trigger = try TriggerReader(jobs: backend.jobReader).trigger(json)
        let put = try await backend.audit.record(.putTrigger, "trigger/\(name)", context.principal) {
            try await backend.engine.put(trigger, named: name)
        }
        guard let state = put else { throw Problem.notFound("trigger '\(name)'") }
        let now = backend.clock.now()
        return .json(state.revision == 1 ? .created : .ok) { $0.trigger(state, now: now) }
    }

    private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        let name = try PathReader.name(context)
        try await backend.requireNoFields(request)
        _ = try await backend.audit.record(.removeTrigger, "trigger/\(name)", context.principal) {
            try await backend.engine.put(nil, named: name)
        }
        return Response(status: .noContent)
    }
}
