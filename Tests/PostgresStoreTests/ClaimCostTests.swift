import Database
import MartletCore
import PostgresStore
import StoreConformance
import Testing

@Suite("What a claim costs", .timeLimit(.minutes(10)))
struct ClaimCostTests {
    @Test("With ten thousand tenants a claim touches as much as with a thousand")
    func tenants() async throws {
        var pages: [Int] = []
        for count in [1000, 10_000] {
            let pair = try await StorePair()
            try await Self.fill(pair.first, tenants: count, jobs: count)
            pages.append(try await Self.pages(of: pair.schema, limit: 100))
            try await pair.close()
        }
        #expect(pages[1] < pages[0] * 3 / 2, "\(pages)")
        #expect(pages[1] < 100 * 100, "a hundred pages for each job are more than enough: \(pages)")
    }

    @Test("Tenants of whom nobody asks anything cost a claim nothing, and are removed when their jobs are")
    func idle() async throws {
        let (pair, fresh) = (try await StorePair(), try await StorePair())
        let count = 1500
        try await Self.fill(pair.first, tenants: count, jobs: count)
        var done = 0
        while done < count { done += try await Self.work(pair.first, limit: 500) }
        for store in [pair.first, fresh.first] { try await Self.fill(store, tenants: 2, jobs: 40) }
        let pages = try await Self.pages(of: pair.schema, limit: 5)
        let expected = try await Self.pages(of: fresh.schema, limit: 5)
        #expect(pages < expected * 3 / 2, "\(pages) instead of \(expected)")
        #expect(try await Self.count("heads WHERE due < 'infinity'", pair.schema) == 2)

        var policy = QueuePolicy()
        policy.retention = .microseconds(1)
        _ = try await pair.first.set("default", .policy(policy))
        #expect(try await pair.first.prune(limit: 10_000, eventRetention: .seconds(1)).jobs == count)
        let removed = try await TestServer.run { connection in
            try connection.run(SQL(stringLiteral: "SELECT \(pair.schema).tidy(NULL, 'epoch')"))
            return try connection.answer(SQL(stringLiteral: "SELECT \(pair.schema).prune_lanes(10000)"))[0].int(0)
        }
        #expect(removed == count - 2)
        #expect(try await Self.count("lanes", pair.schema) == 2)
        #expect(try await pair.second.claim(ClaimPlan(node: NodeID("n"), kinds: nil, limit: 99)).jobs.count == 25)
        try await pair.close()
        try await fresh.close()
    }

    @Test("A lane whose next job is not committed yet is not removed under it")
    func prunedLate() async throws {
        let pair = try await StorePair()
        let store = pair.first
        let jobs = [NewJob.made(), .made { $0.tenant = "late" }]
        _ = try await store.enqueue(jobs)
        for job in jobs { _ = try await store.cancel(job.id) }
        var policy = QueuePolicy()
        policy.retention = .microseconds(1)
        _ = try await store.set("default", .policy(policy))
        #expect(try await store.prune(limit: 10, eventRetention: .seconds(1)).jobs == 2)
        let late = NewJob.made { $0.tenant = "late" }
        let prune = SQL(stringLiteral: "SELECT \(pair.schema).prune_lanes(10000)")
        try await OldReader.holds(.readCommitted, { _ = try store.transaction($0).enqueue([late]) }) {
            try await TestServer.run { try $0.run(SQL(stringLiteral: "SELECT \(pair.schema).tidy(NULL, 'epoch')")) }
            let removed = try await TestServer.run { try $0.answer(prune)[0].int(0) }
            #expect(removed == 0)
        }
        let removed = try await TestServer.run { try $0.answer(prune)[0].int(0) }
        #expect(removed == 1)
        #expect(try await store.claim(ClaimPlan(node: NodeID("n"), kinds: nil, limit: 9)).jobs.map(\.job.id) == [late.id])
        try await pair.close()
    }

    @Test("While somebody has an old transaction open, the entries it keeps are passed over", arguments: [1, 20])
    func oldReader(tenants: Int) async throws {
        let schema = TestServer.makeName()
        let clock = ManualClock()
        let environment = Environment(clock: clock, random: Environment.system.random)
        let (jobs, claims) = (3000, 60)
        try await OldReader.reads {
            let first = try await TestServer.open(schema, environment)
            try await Self.fill(first, tenants: tenants, jobs: jobs)
            var done = 0
            while done < jobs {
                clock.advance(by: .seconds(1))
                done += try await Self.work(first, limit: 20)
            }
            await first.close()
            let before = try await Self.entries(of: schema)
            let second = try await TestServer.open(schema, environment)
            for _ in 0..<claims {
                clock.advance(by: .seconds(1))
                try await Self.fill(second, tenants: tenants, jobs: tenants)
                #expect(try await Self.work(second, limit: 100) == tenants)
                try await Self.move(schema, clock.now())
            }
            await second.close()
            let read = try await Self.entries(of: schema) - before
            #expect(read < jobs * claims / 3, "each claim has read \(read / claims) entries of indexes that have \(jobs) dead ones each")
        }
        try await TestServer.drop(schema)
    }

    @Test("Slots of deltas that have been folded are emptied though somebody has an old transaction open; others are not")
    func slots() async throws {
        let pair = try await StorePair()
        let schema = pair.schema
        let fill = SQL(
            stringLiteral: """
                INSERT INTO \(schema).deltas (slot, queue, lane, ready)
                SELECT n % 4, 'none', 0, 0 FROM generate_series(1, 8000) n
                """)
        let sizes = SQL(stringLiteral: "SELECT count(*) FROM generate_series(0, 3) n WHERE pg_relation_size('\(schema).deltas_' || n) > 0")
        try await OldReader.reads {
            let filled = try await TestServer.run { connection in
                try connection.run(fill)
                try connection.run(SQL(stringLiteral: "SELECT \(schema).empty_slots()"))
                let kept = try connection.answer(sizes)[0].int(0)
                try connection.run(SQL(stringLiteral: "DELETE FROM \(schema).deltas"))
                try connection.run(SQL(stringLiteral: "SELECT \(schema).empty_slots()"))
                return (kept, try connection.answer(sizes)[0].int(0))
            }
            #expect(filled.0 == 4)
            #expect(filled.1 <= 2)
        }
        try await pair.close()
    }

    // MARK: Ways and means

    private static func fill(_ store: PostgresStore, tenants: Int, jobs: Int) async throws {
        let made = (0..<jobs).map { number in NewJob.made { if tenants > 1 { $0.tenant = "t\(number % tenants)" } } }
        for start in stride(from: 0, to: jobs, by: 1000) { _ = try await store.enqueue(Array(made[start..<min(jobs, start + 1000)])) }
    }

    /// Claims and settles; answers how many jobs.
    private static func work(_ store: PostgresStore, limit: Int) async throws -> Int {
        let claimed = try await store.claim(ClaimPlan(node: NodeID("n"), kinds: nil, limit: limit, sharesLiveness: false))
        return try await store.settle(claimed.jobs.map { Settlement($0.lease, .succeeded(result: nil)) }).count
    }

    /// What the server's clock makes the chores do every second.
    private static func move(_ schema: String, _ now: Timestamp) async throws {
        try await TestServer.run { connection in
            try connection.run(
                """
                WITH locked AS MATERIALIZED (SELECT name FROM \(SQL(stringLiteral: schema)).queues FOR NO KEY UPDATE) \
                SELECT \(SQL(stringLiteral: schema)).tidy_queue(name, true, \(now)) FROM locked
                """)
        }
    }

    private static func count(_ table: String, _ schema: String) async throws -> Int {
        try await TestServer.run { try $0.answer(SQL(stringLiteral: "SELECT count(*) FROM \(schema).\(table)"))[0].int(0) }
    }

    /// Pages of tables and indexes that one claim looks at, when everything it needs has been planned.
    private static func pages(of schema: String, limit: Int) async throws -> Int {
        let claim = SQL(
            stringLiteral: """
                EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) SELECT count(*) FROM \(schema).claim(
                'n', NULL, NULL, NULL, \(limit), 10000000, true, '{}', '{}', '{}', '-infinity', '-infinity', NULL, 'epoch')
                """)
        return try await TestServer.run { connection in
            for _ in 0..<2 { try connection.run(claim) }
            let plan = try connection.answer(claim)[0].text(0)
            // The first of each belong to the whole.
            return try ["Shared Hit Blocks", "Shared Read Blocks"].reduce(0) { sum, name in
                let digits = try #require(plan.firstRange(of: "\"\(name)\": ")).upperBound
                return sum + (Int(plan[digits...].prefix { $0.isNumber }) ?? 0)
            }
        }
    }

    /// Entries that have been read from the indexes a claim searches, since they exist.
    private static func entries(of schema: String) async throws -> Int {
        try await TestServer.run { connection in
            // What a connection has counted is there to be read when it is gone.
            let gone: SQL = "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE \("%\(schema)%")"
            while try connection.answer(gone)[0].int(0) > 0 {}
            return try connection.answer(
                """
                SELECT coalesce(sum(idx_tup_read), 0)::bigint FROM pg_stat_user_indexes
                WHERE schemaname = \(schema) AND indexrelname !~ 'pkey'
                """)[0].int(0)
        }
    }
}
