import HTTPTypes
import Hummingbird
import Martlet
import MartletCore

/// `POST /v1/claim`: work for a worker in any language, waited for where there is none.
struct ClaimRoutes: Sendable {
    let backend: Backend

    private static let waitMax: Duration = .seconds(60)
    private static let limitMax = 1000
    /// After a claim that found nothing: many waiting workers must not ask the store again for each of many changes.
    private static let pauses: [Duration] = [.milliseconds(5), .milliseconds(20), .milliseconds(100)]

    private struct Ask {
        var plan: ClaimPlan
        var wait: Duration
    }

    func add(to router: Router<APIContext>) {
        router.post("/v1/claim") { request, context in try await claim(request, context) }
    }

    private func read(_ json: JSON) throws(Problem) -> Ask {
        let fields = try FieldReader(json, allowed: ["node", "kinds", "queues", "limit", "wait"])
        let node = try fields.name("node")
        let kinds = try fields.names("kinds", atMost: 1000)
        let queues = try fields.names("queues", atMost: 1000)
        guard kinds != nil || queues != nil else { throw .invalid("kinds", "or queues must say what this worker takes") }
        let limit = try fields.integer("limit", in: 1...Self.limitMax) ?? 1
        let wait = try fields.duration("wait") ?? .zero
        guard wait <= Self.waitMax else { throw .invalid("wait", "must not be longer than \(Self.waitMax.inSeconds) seconds") }
        let plan = ClaimPlan(
            node: NodeID(node), kinds: kinds, queues: queues.map { Dictionary($0.map { ($0, limit) }) { first, _ in first } }, limit: limit,
            ttl: backend.engine.configuration.leaseDuration, sharesLiveness: false)
        return Ask(plan: plan, wait: wait)
    }

    private func claim(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try QueryReader(request, allowed: [])
        let ask = try read(try await backend.json(request))
        // Registered before the first look: what becomes ready after that look rings.
        let watch = ask.wait > .zero ? backend.engine.hub.watchWork() : nil
        let claimed = try await backend.store.claim(ask.plan)
        guard claimed.jobs.isEmpty, let watch else { return Self.response(claimed.jobs, ask.plan) }
        try backend.streams.checkRoom()
        context.place?.leave()
        let departure = try await context.departure()
        let ending = backend.streams.open(until: departure)
        defer { backend.streams.close(ending, departure) }
        return Self.response(try await wait(ask, claimed.nextDue, watch, ending, context.identity), ask.plan)
    }

    private func wait(_ ask: Ask, _ firstDue: Duration?, _ watch: Hub.Watch, _ ending: Ending, _ worker: Identity) async throws -> [ClaimedJob] {
        let deadline = backend.clock.uptime() + ask.wait
        var (nextDue, misses) = (firstDue, 0)
        while ending.reason == nil {
            let left = deadline - backend.clock.uptime()
            if left <= .zero { break }
            await watch.next(atMost: min(left, max(nextDue ?? left, Self.pauses[0])), or: ending)
            // A key that was revoked meanwhile gets no more work.
            if ending.reason != nil || !worker.check() { break }
            let claimed = try await backend.store.claim(ask.plan)
            if !claimed.jobs.isEmpty { return try await handOver(claimed.jobs, ending) }
            nextDue = claimed.nextDue
            try await backend.clock.sleep(for: Self.pauses[min(misses, Self.pauses.count - 1)])
            misses += 1
        }
        return []
    }

    /// A worker that has gone in the meantime would let the leases expire: they are given back at once, no attempt charged.
    private func handOver(_ jobs: [ClaimedJob], _ ending: Ending) async throws -> [ClaimedJob] {
        guard ending.reason == .readerGone else { return jobs }
        _ = try await backend.store.settle(jobs.map { Settlement($0.lease, .released) })
        return []
    }

    private static func response(_ jobs: [ClaimedJob], _ plan: ClaimPlan) -> Response {
        .json(capacity: 1024 * jobs.count + 32) { writer in
            writer.beginObject()
            writer.array("jobs", jobs) { writer, claimed in
                writer.beginObject()
                writer.jobMembers(claimed.job)
                writer.array("steps", claimed.steps) { $0.step($1) }
                writer.name("lease")
                writer.beginObject()
                writer.member("epoch", claimed.lease.epoch)
                writer.member("expires_in", plan.ttl)
                writer.endObject()
                writer.endObject()
            }
            writer.endObject()
        }
    }
}
