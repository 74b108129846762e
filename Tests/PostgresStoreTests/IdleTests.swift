import Database
import MartletCore
import PostgresStore
import StoreConformance
import Testing

@Suite("What an idle node asks", .timeLimit(.minutes(5)))
struct IdleTests {
    /// How a node waits that finds nothing: ever longer, unless it is told when to come back (see `Runner`).
    private struct Node {
        let id: NodeID
        let store: PostgresStore
        var quiet = 1
        var claims: Timestamp
        var renews: Timestamp

        /// Whatever is due; answers how many calls that was.
        mutating func act(at now: Timestamp) async throws -> Int {
            var calls = 0
            if renews <= now {
                _ = try await store.renew(Heartbeat(node: id, ttl: .seconds(10)))
                renews = now + .seconds(8)
                calls += 1
            }
            if claims <= now {
                let claimed = try await store.claim(ClaimPlan(node: id, kinds: ["work"], limit: 10))
                #expect(claimed.jobs.isEmpty)
                let poll = Duration.seconds(2) * quiet
                claims = now + min(claimed.nextDue ?? poll, poll)
                quiet = min(quiet + 1, 5)
                calls += 1
            }
            return calls
        }
    }

    @Test("Two nodes without work ask a call every four seconds between them, though the word of either runs out again and again")
    func calls() async throws {
        let (schema, clock) = (TestServer.makeName(), ManualClock())
        let environment = Environment(clock: clock, random: Environment.system.random)
        let stores = (try await TestServer.open(schema, environment), try await TestServer.open(schema, environment))
        // Both have had work.
        for store in [stores.0, stores.1] {
            _ = try await store.enqueue([.made()])
            let claimed = try await store.claim(ClaimPlan(node: NodeID("first"), kinds: nil, limit: 1))
            _ = try await store.settle(claimed.jobs.map { Settlement($0.lease, .succeeded(result: nil)) })
        }
        let start = clock.now()
        try await TestServer.run { try $0.run("SELECT \(SQL(stringLiteral: schema)).tidy(\(start), \(start))") }
        var nodes = [
            Node(id: NodeID("first"), store: stores.0, claims: start, renews: start),
            Node(id: NodeID("second"), store: stores.1, claims: start, renews: start + .seconds(1)),
        ]
        var calls = 0
        let seconds = 240
        while clock.now() < start + .seconds(seconds), calls < 1000 {
            for index in nodes.indices { calls += try await nodes[index].act(at: clock.now()) }
            guard let next = nodes.map({ min($0.claims, $0.renews) }).min() else { break }
            if next > clock.now() { clock.advance(by: next - clock.now()) }
        }
        #expect(calls <= seconds / 4 * nodes.count, "\(calls) calls in \(seconds) s")
        await stores.0.close()
        await stores.1.close()
        try await TestServer.drop(schema)
    }

    @Test("While somebody else sweeps, a claim does not ask to come back at once")
    func sweeping() async throws {
        let (schema, clock) = (TestServer.makeName(), ManualClock())
        let store = try await TestServer.open(schema, Environment(clock: clock, random: Environment.system.random))
        _ = try await store.enqueue([.made(), .made()])
        #expect(try await store.claim(ClaimPlan(node: NodeID("dead"), kinds: nil, limit: 1)).jobs.count == 1)
        #expect(try await store.claim(ClaimPlan(node: NodeID("single"), kinds: nil, limit: 1, sharesLiveness: false)).jobs.count == 1)
        clock.advance(by: .seconds(60))
        try await OldReader.holds(.readCommitted, { try $0.run("SELECT pg_advisory_xact_lock(hashtextextended(\("\(schema).sweep"), 0))") }) {
            let claimed = try await store.claim(ClaimPlan(node: NodeID("idle"), kinds: nil, limit: 1))
            #expect(claimed.jobs.isEmpty)
            let wait = try #require(claimed.nextDue)
            #expect(wait >= .milliseconds(10) && wait < .seconds(1))
        }
        #expect(try await store.claim(ClaimPlan(node: NodeID("idle"), kinds: nil, limit: 9)).jobs.count == 2)
        await store.close()
        try await TestServer.drop(schema)
    }
}
