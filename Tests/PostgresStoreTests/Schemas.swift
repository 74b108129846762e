import Database
import MartletCore
import PostgresStore
import Synchronization

/// The schemas of this run. Making one takes a tenth of a second, emptying one a hundredth: a test gets one that another test is done with.
final class Schemas: Sendable {
    static let shared = Schemas()
    private struct State {
        var free: [String] = []
        /// Stores that nobody uses any more, and that are still to be closed.
        var old: [PostgresStore] = []
    }

    private let state = Mutex(State())

    func take() async throws -> String {
        let (old, free) = state.withLock { state in
            let taken = (state.old, state.free.popLast())
            state.old = []
            return taken
        }
        for store in old { await store.close() }
        guard let free else { return TestServer.makeName() }
        try await TestServer.run { connection in
            for row in try connection.rows("SELECT tablename FROM pg_tables WHERE schemaname = \(free)") {
                let name: String = try row.get("tablename")
                try connection.run(SQL(stringLiteral: "DELETE FROM \(free).\(name)"))
            }
            try connection.run(SQL(stringLiteral: "INSERT INTO \(free).topics VALUES (1)"))
        }
        return free
    }

    func giveBack(_ schema: String, closing store: PostgresStore) {
        state.withLock { state in
            state.free.append(schema)
            state.old.append(store)
        }
    }
}
