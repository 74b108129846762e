import Database
import MartletCore
import PostgresStore
import StoreConformance
import Testing

@Suite("What it costs", .timeLimit(.minutes(10)))
struct CostTests {
    /// Pages of tables and indexes that each has looked at.
    private struct Pages {
        var fullClaim = 0
        var emptyClaim = 0
        var settlement = 0
        var look = 0
    }

    @Test("While somebody has an old transaction open, the entries that it keeps cost nothing, however many there are")
    func oldReader() async throws {
        let (schema, clock) = (TestServer.makeName(), ManualClock())
        let store = try await TestServer.open(schema, Environment(clock: clock, random: Environment.system.random))
        try await OldReader.reads {
            try await Self.pass(1000, store, schema, clock)
            let few = try await Self.measure(store, schema, clock)
            try await Self.pass(4000, store, schema, clock)
            let many = try await Self.measure(store, schema, clock)
            for (name, cost) in [
                ("a claim", \Pages.fullClaim), ("a claim that finds nothing", \.emptyClaim), ("a settlement", \.settlement),
                ("a look behind the marks", \.look),
            ] {
                #expect(many[keyPath: cost] < few[keyPath: cost] * 3 / 2 + 100, "\(name): \(few) \(many)")
            }
        }
        await store.close()
        try await TestServer.drop(schema)
    }

    /// Jobs go by, fifty a second of the store's time.
    private static func pass(_ jobs: Int, _ store: PostgresStore, _ schema: String, _ clock: ManualClock) async throws {
        for _ in 0..<jobs / 50 {
            clock.advance(by: .seconds(1))
            _ = try await store.enqueue((0..<50).map { _ in .made() })
            #expect(try await work(store, limit: 100) == 50)
            let now = clock.now()
            try await TestServer.run { connection in
                // What the server's clock makes the chores do every second.
                try connection.run(
                    """
                    WITH locked AS MATERIALIZED (SELECT name FROM \(SQL(stringLiteral: schema)).queues FOR NO KEY UPDATE) \
                    SELECT \(SQL(stringLiteral: schema)).tidy_queue(name, true, \(now)) FROM locked
                    """)
                try connection.run(SQL(stringLiteral: "SELECT \(schema).empty_slots()"))
            }
        }
    }

    /// What a process that has claimed before knows, as SQL: up to where lanes have been emptied and alarms heeded, and when leases end.
    private struct Known {
        var (lanes, classes, dues): ([Int], [Int], [Timestamp]) = ([], [], [])
        var (alarms, expiries): (SQL, SQL) = ("'-infinity'", "'-infinity'")

        var places: SQL { "\(array: lanes), \(array: classes), \(array: dues)" }

        mutating func learn(_ answer: PostgresAnswer) throws {
            for row in answer {
                switch try row.text(0) {
                case "h":
                    let (lane, rankClass, due) = (try row.int(1), try row.int(2), try row.timestamp(3))
                    if let place = lanes.indices.first(where: { lanes[$0] == lane && classes[$0] == rankClass }) {
                        dues[place] = due
                    } else {
                        (lanes, classes, dues) = (lanes + [lane], classes + [rankClass], dues + [due])
                    }
                case "a": alarms = "\(try row.timestamp(3))"
                case "e": if let instant = try row.optionalTimestamp(3) { expiries = "\(instant)" }
                default: break
                }
            }
        }
    }

    private static func measure(_ store: PostgresStore, _ schema: String, _ clock: ManualClock) async throws -> Pages {
        clock.advance(by: .seconds(1))
        _ = try await store.enqueue((0..<10).map { _ in .made() })
        let prefix = SQL(stringLiteral: schema)
        var (pages, known) = try await measureFull(prefix, clock.now())
        #expect(try await work(store, limit: 100) == 10)
        clock.advance(by: .seconds(1))
        let now = clock.now()
        pages.emptyClaim = try await TestServer.run { [known] connection in
            var known = known
            var pages = 0
            // Twice, so that everything has been planned, and what the claim itself tells is known.
            for _ in 0..<3 {
                try connection.run("BEGIN")
                try known.learn(connection.answer(claim(prefix, "sort, mark_lane, mark_class, at", known, now)))
                pages = try explained(claim(prefix, "count(*)", known, now), connection)
                try connection.run("ROLLBACK")
            }
            return pages
        }
        return pages
    }

    private static func claim(_ schema: SQL, _ columns: SQL, _ known: Known, _ now: Timestamp) -> SQL {
        """
        SELECT \(columns) FROM \(schema).claim('m', NULL, NULL, NULL, 100, 10000000, false, \(known.places), \(known.alarms), \
        \(known.expiries), \(now), \(now))
        """
    }

    /// Everything is undone again.
    private static func measureFull(_ schema: SQL, _ now: Timestamp) async throws -> (Pages, Known) {
        try await TestServer.run { connection in
            var (pages, known) = (Pages(), Known())
            try connection.run("BEGIN")
            try known.learn(connection.answer(claim(schema, "sort, mark_lane, mark_class, at", known, now)))
            try connection.run("ROLLBACK")
            for _ in 0..<2 {
                try connection.run("BEGIN")
                pages.fullClaim = try explained(claim(schema, "count(*)", known, now), connection)
                try connection.run("ROLLBACK")
                try connection.run("BEGIN")
                var jobs: [JobID] = []
                for row in try connection.answer(claim(schema, "id", known, now)) { if let id = try row.optionalID(0) { jobs.append(id) } }
                pages.settlement = try explained(
                    """
                    SELECT count(*) FROM \(schema).settle(\(array: jobs), \(array: jobs.map { _ in 1 }), \(array: jobs.map { _ in String?.none }), \
                    \(array: Array(jobs.indices)), '[]', '{}', '{}', '{}', '{}', '{}', '{}', '{}', 1, \(now), \(now))
                    """, connection)
                try connection.run("ROLLBACK")
                pages.look = try explained(
                    "SELECT count(*) FROM \(schema).late(\(known.places), \(known.alarms), interval '5 seconds')", connection)
            }
            return (pages, known)
        }
    }

    private static func explained(_ statement: SQL, _ connection: PostgresConnection) throws -> Int {
        let plan = try connection.answer("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) \(statement)")[0].text(0)
        // The first of each belong to the whole.
        return try ["Shared Hit Blocks", "Shared Read Blocks"].reduce(0) { sum, name in
            let digits = try #require(plan.firstRange(of: "\"\(name)\": ")).upperBound
            return sum + (Int(plan[digits...].prefix { $0.isNumber }) ?? 0)
        }
    }

    /// Claims and settles; answers how many jobs.
    private static func work(_ store: PostgresStore, limit: Int) async throws -> Int {
        let claimed = try await store.claim(ClaimPlan(node: NodeID("n"), kinds: nil, limit: limit, sharesLiveness: false))
        return try await store.settle(claimed.jobs.map { Settlement($0.lease, .succeeded(result: nil)) }).count
    }

    // MARK: Lists

    @Test("The newest jobs are found without a look at the others")
    func list() async throws {
        let pair = try await StorePair()
        let schema = pair.schema
        for part in 0..<4 {
            _ = try await pair.first.enqueue((0..<1000).map { _ in .made() })
            if part % 2 == 0 { while try await Self.work(pair.first, limit: 1000) > 0 {} }
        }
        await pair.first.close()
        await pair.second.close()
        let before = try await Self.rows(of: schema)
        let store = try await StorePair.open(schema)
        var query = JobQuery()
        query.limit = 50
        for _ in 0..<4 {
            let page = try await store.jobs(query)
            #expect(page.jobs.count == 50)
            #expect(page.next != nil)
            query.before = page.next
        }
        await store.close()
        let read = try await Self.rows(of: schema) - before
        #expect(read < 4 * 500, "\(read) rows")
        try await TestServer.drop(schema)
    }

    /// Rows of jobs that have been read since the schema exists.
    private static func rows(of schema: String) async throws -> Int {
        try await TestServer.run { connection in
            // What a connection has counted is there to be read when it is gone.
            let gone: SQL = "SELECT count(*), pg_sleep(0.01) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE \("%\(schema)%")"
            while try connection.answer(gone)[0].int(0) > 0 {}
            return try connection.answer(
                """
                SELECT (sum(seq_tup_read) + sum(coalesce(idx_tup_fetch, 0)))::bigint FROM pg_stat_user_tables
                WHERE schemaname = \(schema) AND relname ~ '^(live|finished)'
                """)[0].int(0)
        }
    }

    // MARK: Lanes

    @Test("Lanes whose jobs are all removed are removed as well, but none that somebody is about to use")
    func lanes() async throws {
        let pair = try await StorePair()
        let store = pair.first
        let jobs = (0..<20).map { number in NewJob.made { $0.tenant = "t\(number)" } }
        _ = try await store.enqueue(jobs)
        for job in jobs.dropLast() { _ = try await store.cancel(job.id) }
        var policy = QueuePolicy()
        policy.retention = .microseconds(1)
        _ = try await store.set("default", .policy(policy))
        #expect(try await store.prune(limit: 100, eventRetention: .seconds(1)).jobs == 19)
        let late = NewJob.made { $0.tenant = "t0" }
        let prune = SQL(stringLiteral: "SELECT \(pair.schema).prune_lanes(10000)")
        let tidy = SQL(stringLiteral: "SELECT \(pair.schema).tidy(NULL, 'epoch')")
        try await OldReader.holds(.readCommitted, { _ = try store.transaction($0).enqueue([late]) }) {
            let removed = try await TestServer.run { connection in
                try connection.run(tidy)
                return try connection.answer(prune)[0].int(0)
            }
            #expect(removed == 0)
        }
        let removed = try await TestServer.run { try $0.answer(prune)[0].int(0) }
        #expect(removed == 18)
        let claimed = try await store.claim(ClaimPlan(node: NodeID("n"), kinds: nil, limit: 9)).jobs.map(\.job.id)
        #expect(Set(claimed) == [late.id, jobs[19].id])
        try await pair.close()
    }
}
