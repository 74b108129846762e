import Database
import MartletCore
import MartletHTTP
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ExhaustedPoolTests {
    @Test func `S0-55, S2-55: a database that stalls costs each request the pool's wait at most; then the server is as well as before`() async throws
    {
        try await PostgresPlace.with {
            ($0.connections, $0.wait) = (2, .seconds(1))
        } _: { place in
            try await TestServer.run(through: { _ in place.store }) { server async throws in
                let id = try await server.enqueue()
                try await withThrowingTaskGroup(of: Void.self) { locker in
                    // While the table is locked no look at a job ends, and two of them use the pool up.
                    locker.addTask { try await place.lock("live") }
                    try await place.waitForLock("live")
                    try await withThrowingTaskGroup(of: Reply.self) { group in
                        for _ in 0..<40 { group.addTask { try await server.get("/v1/jobs/\(id)") } }
                        for _ in 0..<30 {
                            let reply = try #require(try await group.next())
                            #expect(reply.status == 503 && reply.headers["retry-after"] == "1")
                            #expect(try reply.problem == "store-unavailable")
                        }
                        #expect(try await server.get("/healthz").status == 200)
                        locker.cancelAll()
                        for try await reply in group { #expect(reply.status == 200 || reply.status == 503) }
                    }
                    try await locker.waitForAll()
                }
                for _ in 0..<20 { #expect(try await server.get("/v1/jobs/\(id)").status == 200) }
                let together = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<100 { group.addTask { try await server.get("/v1/jobs/\(id)").status } }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
                #expect(together == [200])
            }
        }
    }
}
