import HTTPTypes
import Hummingbird
import Logging
import MartletCore
import NIOCore
import Records

/// `GET /v1/logs`, one record of it, and all of it as lines of JSON.
struct LogRoutes: Sendable {
    let backend: Backend

    private static let filters = ["level", "category", "since", "until", "after", "before"]

    func add(to router: Router<APIContext>) {
        router.get("/v1/logs") { request, _ in try await page(request) }
        router.get("/v1/logs/export") { request, _ in try export(request) }
        router.get("/v1/logs/{seq}") { request, context in try await one(request, context) }
    }

    /// Behind `after` the page begins there; else it ends with the newest.
    private func page(_ request: Request) async throws -> Response {
        let reader = try QueryReader(request, allowed: Self.filters + ["limit"])
        var query = try filter(reader)
        query.limit = try reader.count("limit", cappedAt: LogQuery.limitMax) ?? Limits.pageMax
        query.order = query.after == nil ? .newestFirst : .oldestFirst
        let records = try await backend.logs.records(query).sorted { $0.sequence < $1.sequence }
        return .json(capacity: 256 * records.count + 32) { writer in
            writer.beginObject()
            writer.array("records", records) { $0.logRecord($1) }
            writer.endObject()
        }
    }

    private func one(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, allowed: [])
        guard let sequence = Int(context.parameters.get("seq") ?? ""), sequence > 0 else {
            throw Problem.invalid("seq", "must be a whole number above zero, in the path")
        }
        guard let record = try await backend.logs.record(sequence) else { throw Problem.notFound("log record \(sequence)") }
        return .json { $0.logRecord(record) }
    }

    private func export(_ request: Request) throws -> Response {
        let query = try filter(try QueryReader(request, allowed: Self.filters))
        let logs = backend.logs
        let body = ResponseBody { writer in
            for try await records in logs.pages(query) {
                var lines = ByteBuffer()
                for record in records {
                    var line = JSONWriter(capacity: 256)
                    line.logRecord(record)
                    lines.writeBytes(line.bytes)
                    lines.writeInteger(UInt8(ascii: "\n"))
                }
                try await writer.write(lines)
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"], body: body)
    }

    private func filter(_ reader: QueryReader) throws(Problem) -> LogQuery {
        var query = LogQuery()
        query.level = try reader.word("level", Logger.Level.self) ?? .trace
        query.category = try reader.text("category")
        query.since = try reader.time("since")
        query.until = try reader.time("until")
        query.after = try reader.integer("after", in: 0...Int.max)
        query.before = try reader.integer("before", in: 0...Int.max)
        return query
    }
}
