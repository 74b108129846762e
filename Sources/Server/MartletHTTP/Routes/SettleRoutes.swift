import HTTPTypes
import Hummingbird
import Martlet
import MartletCore

/// `POST /v1/leases/{job}/settle` and `POST /v1/settle`: how attempts end.
struct SettleRoutes: Sendable {
    let backend: Backend

    func add(to router: Router<APIContext>) {
        router.post("/v1/leases/:job/settle") { request, context in try await settleOne(request, context) }
        router.post("/v1/settle") { request, _ in try await settleMany(request) }
    }

    private func settleOne(_ request: Request, _ context: APIContext) async throws -> Response {
        let job = try PathReader.job(context, "job")
        let reading = try SettlementReader.settlement(try await backend.json(request), of: job)
        let result = try await backend.store.settle([try await finished(reading)])[0]
        if case .refused(let error) = result { throw error }
        return .json { writer in
            writer.beginObject()
            Self.write(result, to: &writer)
            writer.endObject()
        }
    }

    private func settleMany(_ request: Request) async throws -> Response {
        _ = try QueryReader(request, allowed: [])
        let json = try await BodyReader.json(request, bytesMax: backend.configuration.batchBytesMax)
        let fields = try FieldReader(json, allowed: ["settlements"])
        guard let elements = try fields.array("settlements", atMost: Limits.batch) else { throw fields.missing("settlements") }
        let items = elements.map { element in Result { () throws(Problem) in try SettlementReader.settlement(element, of: nil) } }
        var settlements: [Settlement] = []
        for case .success(let reading) in items { settlements.append(try await finished(reading)) }
        let results = settlements.isEmpty ? [] : try await backend.store.settle(settlements)
        return answer(items, results)
    }

    /// Where the worker leaves it to the engine when to try again: the engine's own backoff, by the attempt.
    private func finished(_ reading: SettlementReader.Reading) async throws -> Settlement {
        var settlement = reading.settlement
        guard reading.needsBackoff, case .failed(let failure, _) = settlement.disposition else { return settlement }
        // A job that is gone has no lease either; the store will say so.
        let attempt = try await backend.store.job(settlement.lease.job)?.job.attempt ?? 1
        let delay = backend.engine.configuration.retry.delay(attempt: attempt, .transient, backend.engine.environment)
        settlement.disposition = .failed(failure, retryAfter: delay)
        return settlement
    }

    private static func write(_ result: SettleResult, to writer: inout JSONWriter) {
        switch result {
        case .settled(let phase, let outcome): write(phase, outcome, isDuplicate: false, to: &writer)
        case .alreadySettled(let phase, let outcome): write(phase, outcome, isDuplicate: true, to: &writer)
        case .refused(let error): write(Problem(error), to: &writer)
        }
    }

    private static func write(_ phase: Phase, _ outcome: Outcome?, isDuplicate: Bool, to writer: inout JSONWriter) {
        writer.member("phase", phase.rawValue)
        writer.member("outcome", outcome?.rawValue)
        writer.member("duplicate", isDuplicate)
    }

    private static func write(_ problem: Problem, to writer: inout JSONWriter) {
        writer.member("status", problem.type.status)
        writer.name("problem")
        problem.write(to: &writer)
    }

    private func answer(_ items: [Result<SettlementReader.Reading, Problem>], _ results: [SettleResult]) -> Response {
        .json(capacity: 96 * items.count + 32) { writer in
            writer.beginObject()
            writer.name("results")
            writer.beginArray()
            var next = results.makeIterator()
            for item in items {
                writer.beginObject()
                switch item {
                case .failure(let problem): Self.write(problem, to: &writer)
                case .success(let reading):
                    writer.member("job", reading.settlement.lease.job)
                    guard let result = next.next() else { break }
                    if !result.isRefused { writer.member("status", 200) }
                    Self.write(result, to: &writer)
                }
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
    }
}

extension SettleResult {
    fileprivate var isRefused: Bool {
        if case .refused = self { true } else { false }
    }
}
