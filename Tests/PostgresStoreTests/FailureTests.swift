import Database
import MartletCore
import PostgresStore
import Testing

@Suite("When the server fails or refuses", .timeLimit(.minutes(5)))
struct FailureTests {
    @Test("Connections that are killed again and again lose no job and double none")
    func killed() async throws {
        let pair = try await StorePair()
        let jobs = (0..<400).map { _ in NewJob.made() }
        let accepted = Collected<JobID>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in 0..<4 {
                group.addTask {
                    for job in jobs[part * 100..<part * 100 + 100] { try await Self.insist(job, pair.first, accepted) }
                }
            }
            group.addTask {
                // After so many more jobs each time: a new connection takes longer than a call.
                var next = 15
                while accepted.all.count < jobs.count {
                    if accepted.all.count >= next {
                        next += 15
                        try await Self.killConnections(of: pair.schema)
                    }
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
        let counts = try await pair.second.overview().queues.first?.counts
        #expect(counts?.ready == jobs.count && counts?.total == jobs.count)
        #expect(Set(accepted.all) == Set(jobs.map(\.id)))
        try await pair.close()
    }

    private static func killConnections(of schema: String) async throws {
        _ = try await TestServer.run { connection in
            try connection.run(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE pid <> pg_backend_pid() AND query LIKE \("%\(schema).enqueue%")
                """)
        }
    }

    /// Again with the same id, until it is known to be there.
    private static func insist(_ job: NewJob, _ store: PostgresStore, _ accepted: Collected<JobID>) async throws {
        while true {
            do {
                let answers = try await store.enqueue([job])
                return accepted.add(answers.compactMap { $0.job?.id })
            } catch {
                guard error.isTransient else { throw error }
            }
        }
    }

    @Test("Tables of a newer build are refused, and left alone")
    func newer() async throws {
        let pair = try await StorePair()
        let url = try TestServer.url
        _ = try await TestServer.run { connection in
            try connection.run("UPDATE martlet.schema_versions SET version = version + 1 WHERE name = \(pair.schema)")
        }
        let error = await error { () async throws(StoreError) in
            _ = try await PostgresStore(
                url, schema: pair.schema, environment: .system, settings: TestServer.settings)
        }
        guard case .corrupt(let reason)? = error else {
            Issue.record("the answer was \(String(describing: error))")
            return
        }
        #expect(reason.contains("run a newer build"))
        try await pair.close()
    }

    @Test("A server that is not there is unavailable, and nothing has happened")
    func absent() async throws {
        var settings = TestServer.settings
        settings.wait = .seconds(1)
        let error = await error { () async throws(StoreError) in
            _ = try await PostgresStore("postgres://nobody@127.0.0.1:1/none", environment: .system, settings: settings)
        }
        guard case .unavailable(_, false)? = error else {
            Issue.record("the answer was \(String(describing: error))")
            return
        }
    }

    @Test("A closed store refuses")
    func closed() async throws {
        let pair = try await StorePair()
        await pair.first.close()
        let error = await error { () async throws(StoreError) in _ = try await pair.first.enqueue([.made()]) }
        #expect(error?.isTransient == true, "\(String(describing: error))")
        try await pair.close()
    }

    private func error(_ body: () async throws(StoreError) -> Void) async -> StoreError? {
        do throws(StoreError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}
