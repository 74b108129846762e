import HTTPTypes
import Hummingbird
import MartletCore

/// `/v1/streams/{name}` and `POST /v1/events`.
struct StreamRoutes: Sendable {
    let backend: Backend

    private static let prefix = "/v1/streams/"

    func add(to router: Router<APIContext>) {
        router.get("/v1/streams/**") { request, context in try await read(request, context) }
        router.post("/v1/events") { request, context in try await append(request, context.principal) }
    }

    private func read(_ request: Request, _ context: APIContext) async throws -> Response {
        let stream = try PathReader.rest(request, after: Self.prefix)
        let query = try QueryReader(request, allowed: ["after", "limit"])
        try await backend.requireStream(stream, seenBy: context.principal)
        let after = try backend.position(request, query)
        if request.headers[.accept]?.contains("text/event-stream") == true {
            let follower = StreamFollower(
                engine: backend.engine, stream: stream, after: after, job: nil, keepAlive: backend.configuration.keepAlive,
                reader: context.identity)
            return try .sse(follower, until: try await context.departure(), in: backend.streams)
        }
        let limit = try query.count("limit", cappedAt: Limits.eventPageMax) ?? Limits.pageMax
        let page = try await backend.store.read(stream, after: after, limit: limit)
        return .json(capacity: 256 * page.events.count + 64) { writer in
            writer.beginObject()
            writer.array("events", page.events) { $0.event($1) }
            writer.member("last", page.last)
            writer.member("first", page.first)
            writer.endObject()
        }
    }

    /// One event is answered as one; an array gets an answer to each.
    private func append(_ request: Request, _ principal: Principal) async throws -> Response {
        _ = try QueryReader(request, allowed: [])
        let json = try await backend.json(request)
        guard case .array(let elements) = json else {
            let event = try EventReader.event(json, from: principal)
            return try AppendAnswer.one(event, try await backend.store.append([event])[0])
        }
        guard elements.count <= Limits.batch else { throw Problem.invalid("the body", "must not hold more than \(Limits.batch) events") }
        let items = elements.map { element in Result { () throws(Problem) in try EventReader.event(element, from: principal) } }
        var events: [NewEvent] = []
        for case .success(let event) in items { events.append(event) }
        return AppendAnswer.many(items, events.isEmpty ? [] : try await backend.store.append(events))
    }
}
