import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore

/// `POST /v1/jobs/batch`: many jobs, each answered on its own (invariant 11).
struct BatchRoutes: Sendable {
    let backend: Backend

    private typealias Item = Result<NewJob, Problem>

    func add(to router: Router<APIContext>) {
        router.post("/v1/jobs/batch") { request, context in try await enqueue(request, context.principal) }
    }

    private func enqueue(_ request: Request, _ principal: Principal) async throws -> Response {
        _ = try QueryReader(request, allowed: [])
        let items = try await read(request).map { item in
            item.flatMap { job in Item { () throws(Problem) in try principal.owning(job) } }
        }
        var jobs: [NewJob] = []
        jobs.reserveCapacity(items.count)
        for case .success(let job) in items { jobs.append(job) }
        let answers = jobs.isEmpty ? [] : try await backend.store.enqueue(jobs)
        return answer(items, answers)
    }

    private func read(_ request: Request) async throws -> [Item] {
        switch BodyReader.mediaType(request) {
        case "application/x-ndjson", "application/ndjson", "application/jsonl": return try await readLines(request)
        case nil, "application/json": return try await readArray(request)
        default:
            throw Problem(
                .unsupportedMediaType, "send an array as application/json, or one job a line as application/x-ndjson",
                [.init("allowed", ["application/json", "application/x-ndjson"])])
        }
    }

    private func readArray(_ request: Request) async throws -> [Item] {
        let body = try await BodyReader.bytes(request, bytesMax: backend.configuration.batchBytesMax)
        guard case .array(let elements) = try BodyReader.parse(body) else {
            throw Problem.invalid("the body", "must be an array of jobs")
        }
        try Self.checkCount(elements.count)
        let reader = backend.jobReader
        return elements.map { element in Item { () throws(Problem) in try reader.job(element) } }
    }

    /// Parses each line as it comes, so that no more than the jobs themselves is ever held.
    private func readLines(_ request: Request) async throws -> [Item] {
        let limit = backend.configuration.batchBytesMax
        try BodyReader.checkLength(request, bytesMax: limit)
        let reader = backend.jobReader
        var items: [Item] = []
        var splitter = LineSplitter()
        var total = 0
        func add(_ line: ArraySlice<UInt8>) throws(Problem) {
            guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
            try Self.checkCount(items.count + 1)
            items.append(Item { () throws(Problem) in try reader.job(try Self.parse(line)) })
        }
        for try await chunk in request.body {
            total += chunk.readableBytes
            guard total <= limit else { throw Problem.tooLarge("the body", bytesMax: limit) }
            try splitter.add(chunk.readableBytesView, add)
        }
        try splitter.finish(add)
        return items
    }

    private static func parse(_ line: ArraySlice<UInt8>) throws(Problem) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: line)
        } catch {
            throw .malformed(error)
        }
    }

    private static func checkCount(_ count: Int) throws(Problem) {
        guard count <= Limits.batch else {
            throw Problem(.payloadTooLarge, "a batch holds at most \(Limits.batch) jobs: send several", [.init("jobs_max", .integer(Limits.batch))])
        }
    }

    private func answer(_ items: [Item], _ answers: [Enqueued]) -> Response {
        var (accepted, duplicates) = (0, 0)
        for answer in answers {
            switch answer {
            case .accepted: accepted += 1
            case .duplicate: duplicates += 1
            case .refused: break
            }
        }
        return .json(capacity: 64 * items.count + 64) { writer in
            writer.beginObject()
            writer.member("accepted", accepted)
            writer.member("duplicates", duplicates)
            writer.member("refused", items.count - accepted - duplicates)
            writer.name("results")
            writer.beginArray()
            var next = answers.makeIterator()
            for item in items {
                switch item {
                case .success: if let answer = next.next() { Self.write(answer, to: &writer) }
                case .failure(let problem): Self.write(problem, to: &writer)
                }
            }
            writer.endArray()
            writer.endObject()
        }
    }

    private static func write(_ answer: Enqueued, to writer: inout JSONWriter) {
        switch answer {
        case .refused(let error): return write(Problem(error), to: &writer)
        case .accepted(let job):
            writer.beginObject()
            writer.member("status", 201)
            writer.member("id", job.id)
        case .duplicate(let job, let isReplaced):
            writer.beginObject()
            writer.member("status", 200)
            writer.member("id", job.id)
            writer.member("duplicate", true)
            writer.member("replaced", isReplaced)
        }
        writer.endObject()
    }

    private static func write(_ problem: Problem, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("status", problem.type.status)
        writer.name("problem")
        problem.write(to: &writer)
        writer.endObject()
    }
}
