import Database
import MartletCore
import Testing

@Suite("Listening to PostgreSQL")
struct ListenTests {
    @Test("A listener hears its channels, says when it may have missed something, and is a connection only while it listens")
    func listening() async throws {
        try await PostgresServer.direct.withOpen("pool_size=1", settings: Self.unhurried) { database in
            #expect(try await database.backends() == 0)
            do {
                var heard = database.notifications(["jobs", "odd \"name"]).makeAsyncIterator()
                #expect(await heard.next() == .unspecific)
                try await database.notify("others", "1")
                try await database.notify("jobs", "2")
                try await database.notify("odd \"name")
                #expect(await heard.next() == .message(channel: "jobs", payload: "2"))
                #expect(await heard.next() == .message(channel: "odd \"name", payload: ""))

                var second = database.notifications(["others"]).makeAsyncIterator()
                #expect(await second.next() == .unspecific)
                #expect(await heard.next() == .unspecific)
                try await database.notify("others", "3")
                #expect(await second.next() == .message(channel: "others", payload: "3"))
                #expect(try await database.backends() == 1)

                try await database.run {
                    try $0.run(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()")
                }
                #expect(await heard.next() == .unspecific)
                try await database.notify("jobs", "4")
                #expect(await heard.next() == .message(channel: "jobs", payload: "4"))
            }
            try await database.wait(until: "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()")
        }
    }

    @Test("Nobody who begins to listen is overlooked, however many do at once")
    func crowd() async throws {
        try await PostgresServer.direct.withOpen(settings: Self.unhurried) { database in
            let heard = await withTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        var notifications = database.notifications(["channel \(number)"]).makeAsyncIterator()
                        return await notifications.next() == .unspecific
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(heard == 100)
        }
    }

    /// The listener does not wake by itself: what it misses it would miss for an hour.
    private static var unhurried: PostgresSettings {
        var settings = PostgresSettings()
        settings.checkInterval = .seconds(3600)
        return settings
    }

    @Test("The end of the database ends its streams")
    func ending() async throws {
        try await PostgresServer.direct.withOpen(settings: Self.unhurried) { database in
            var heard = database.notifications(["jobs"]).makeAsyncIterator()
            #expect(await heard.next() == .unspecific)
            await database.close()
            #expect(await heard.next() == nil)
            var late = database.notifications(["jobs"]).makeAsyncIterator()
            #expect(await late.next() == nil)
        }
    }
}
