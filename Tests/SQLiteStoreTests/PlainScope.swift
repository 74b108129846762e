import Database

/// The least a writer's operations need: the connection.
final class PlainScope: WriteScope {
    let connection: Connection
    let isUnwritten = false

    init(_ connection: Connection) { self.connection = connection }

    func finish() {}
    func forget() {}
    func committed() -> Bool { true }

    static func open(_ file: StoreFile, _ steps: [[SQL]]) async throws(DatabaseFailure) -> SQLiteDatabase<PlainScope> {
        try await SQLiteDatabase.open(path: file.path, schemas: [Schema(name: "test", steps: steps)]) { connection, _ in PlainScope(connection) }
    }
}
