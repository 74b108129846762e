import HTTPTypes
import Hummingbird
import Martlet
import MartletCore

/// `/v1/leases/{job}`: what the holder of a lease may do before it settles.
struct LeaseRoutes: Sendable {
    let backend: Backend

    func add(to router: Router<APIContext>) {
        router.post("/v1/leases/:job/renew") { request, context in try await renew(request, context) }
        router.post("/v1/leases/:job/events") { request, context in try await append(request, context) }
        router.post("/v1/leases/:job/steps/:name") { request, context in try await record(request, context) }
    }

    /// The lease is renewed in the name of a node that never holds anything, so that no row of a node comes into being for it.
    private var renewer: NodeID { NodeID(backend.engine.configuration.node.name + "/http") }

    private func renew(_ request: Request, _ context: APIContext) async throws -> Response {
        let job = try PathReader.job(context, "job")
        let fields = try FieldReader(try await backend.json(request), allowed: ["epoch"])
        let lease = Lease(job: job, epoch: try SettlementReader.epoch(fields))
        let ttl = backend.engine.configuration.leaseDuration
        let renewal = try await backend.store.renew(Heartbeat(node: renewer, ttl: ttl, leases: [lease], isLast: true))
        let state: String
        switch renewal.leases[0] {
        case .held: state = "held"
        case .cancelRequested: state = "cancel_requested"
        case .lost: throw StoreError.leaseLost(lease)
        }
        return .json { writer in
            writer.beginObject()
            writer.member("state", state)
            writer.member("expires_in", ttl)
            writer.endObject()
        }
    }

    private func append(_ request: Request, _ context: APIContext) async throws -> Response {
        let job = try PathReader.job(context, "job")
        let fields = try FieldReader(try await backend.json(request), allowed: ["epoch", "events"])
        let lease = Lease(job: job, epoch: try SettlementReader.epoch(fields))
        guard let elements = try fields.array("events", atMost: Limits.batch) else { throw fields.missing("events") }
        let items = elements.enumerated().map { index, json in
            Result { () throws(Problem) in try EventReader.event(json, under: lease, at: "events[\(index)].") }
        }
        var events: [NewEvent] = []
        for case .success(let event) in items { events.append(event) }
        let appended = events.isEmpty ? [] : try await backend.store.append(events)
        // A lost lease concerns all of them.
        for case .refused(.leaseLost(let lease)) in appended { throw StoreError.leaseLost(lease) }
        return AppendAnswer.many(items, appended)
    }

    private func record(_ request: Request, _ context: APIContext) async throws -> Response {
        let job = try PathReader.job(context, "job")
        let name = try PathReader.name(context)
        let fields = try FieldReader(try await backend.json(request), allowed: ["epoch", "result", "state"])
        let lease = Lease(job: job, epoch: try SettlementReader.epoch(fields))
        let state = try fields.word("state", StepState.self) ?? .done
        let step = NewStep(name: name, state: state.core, result: Payload(fields.json("result") ?? .null))
        let recorded = try await backend.store.record([step], under: lease)
        return .json { $0.step(recorded[0]) }
    }
}
