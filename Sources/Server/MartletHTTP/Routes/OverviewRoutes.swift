import Hummingbird
import Martlet
import MartletCore

/// `GET /v1/overview`: what a dashboard shows at a glance.
struct OverviewRoutes: Sendable {
    let backend: Backend

    func add(to router: Router<APIContext>) {
        router.get("/v1/overview") { request, _ in try await overview(request) }
    }

    private func overview(_ request: Request) async throws -> Response {
        _ = try QueryReader(request, allowed: [])
        let overview = try await backend.store.overview()
        let handled = Set(backend.engine.kinds)
        return .json(capacity: 4096) { writer in
            writer.beginObject()
            writer.member("now", overview.now)
            writer.array("queues", overview.queues) { $0.queue($1) }
            writer.array("kinds", overview.kinds) { writer, kind in
                writer.beginObject()
                writer.member("name", kind.name)
                writer.member("handled_here", handled.contains(kind.name))
                writer.counts(kind.counts)
                writer.endObject()
            }
            writer.array("nodes", overview.nodes) { writer, node in
                writer.beginObject()
                writer.member("id", node.id.name)
                writer.member("expires_at", node.expiresAt)
                writer.member("running", node.running)
                writer.endObject()
            }
            writer.array("triggers", overview.triggers) { $0.trigger($1, now: overview.now) }
            writer.endObject()
        }
    }
}
