import MartletCore
import MartletHTTP
import Testing

@Suite(.timeLimit(.minutes(2)))
struct SameRequestTests {
    private static let body = #"{"kind":"publish","payload":{"text":"hello"},"key":"account-7/5d41402a"}"#

    @Test func `S0-10: of 200 identical requests at once one makes a job, and 199 are answered with that job`() async throws {
        try await Self.race { body in try await TestServer.run { server async throws in try await body(server) } }
    }

    @Test func `S0-10: the same where a constraint of the database decides`() async throws {
        try await PostgresPlace.with { place in
            try await Self.race { body in
                try await TestServer.run(through: { _ in place.store }) { server async throws in try await body(server) }
            }
        }
    }

    private static func race(_ run: (@escaping @Sendable (TestServer) async throws -> Void) async throws -> Void) async throws {
        try await run { server in
            let first = try await Self.together(200, server)
            #expect(first.filter { $0.status == 201 }.count == 1)
            #expect(first.filter { $0.status == 200 }.count == 199)
            let ids = Set(try first.map { try $0.json["id"]?.stringValue })
            #expect(ids.count == 1)
            let id = try #require(ids.first ?? nil)
            guard case .array(let jobs)? = try await server.get("/v1/jobs?kind=publish").json["jobs"] else {
                Issue.record("no list")
                return
            }
            #expect(jobs.count == 1)
            // Not for ever: once it has ended the same may be wanted again, and again once.
            #expect(try await server.post("/v1/jobs/\(id)/cancel").status == 200)
            let second = try await Self.together(50, server)
            #expect(second.filter { $0.status == 201 }.count == 1)
            #expect(try second.allSatisfy { try $0.json["id"]?.stringValue != id })
        }
    }

    private static func together(_ count: Int, _ server: TestServer) async throws -> [Reply] {
        try await withThrowingTaskGroup(of: Reply.self) { group in
            for _ in 0..<count { group.addTask { try await server.post("/v1/jobs", Self.body) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
