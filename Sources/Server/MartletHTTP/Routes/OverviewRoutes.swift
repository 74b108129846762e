import Hummingbird
import Logging
import Martlet
import MartletCore

/// `GET /v1/overview` and `GET /v1/logs`: what a dashboard shows at a glance.
struct OverviewRoutes: Sendable {
    let backend: Backend

    func add(to router: Router<APIContext>) {
        router.get("/v1/overview") { request, _ in try await overview(request) }
        router.get("/v1/logs") { request, _ in try logs(request) }
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

    private func logs(_ request: Request) throws(Problem) -> Response {
        let query = try QueryReader(request, allowed: ["level", "limit", "after"])
        let level = try query.word("level", Logger.Level.self) ?? .trace
        let limit = try query.count("limit", cappedAt: LogRing.capacity) ?? Limits.pageMax
        let records = backend.logs.records(atLeast: level, after: try query.integer("after", in: 0...Int.max) ?? 0, limit: limit)
        return .json(capacity: 256 * records.count + 32) { writer in
            writer.beginObject()
            writer.array("records", records) { writer, record in
                writer.beginObject()
                writer.member("seq", record.sequence)
                writer.member("at", record.at)
                writer.member("level", record.level.rawValue)
                writer.member("label", record.label)
                writer.member("message", record.message)
                writer.dictionary("metadata", record.metadata)
                writer.endObject()
            }
            writer.endObject()
        }
    }
}
