import Database
import Testing

@Suite("The database under the store")
struct DatabaseTests {
    private struct Refusal: Error, Equatable {
        var number: Int
    }

    private static let table: [SQL] = ["CREATE TABLE notes (id INTEGER PRIMARY KEY, text)"]

    @Test("Operations that share a transaction do not share a failure")
    func isolation() async throws {
        let file = try StoreFile()
        defer { withExtendedLifetime(file) {} }
        let database = try await PlainScope.open(file, [Self.table])
        let failed = await withTaskGroup { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await database.write { scope in
                            try scope.connection.run("INSERT INTO notes VALUES (\(number), \("note \(number)"))")
                            if number % 3 == 0 { throw Refusal(number: number) }
                            // A conflict that SQLite itself reports.
                            if number % 7 == 0 { try scope.connection.run("INSERT INTO notes VALUES (\(number), 'again')") }
                        }
                        return nil as Int?
                    } catch {
                        return number
                    }
                }
            }
            return await group.reduce(into: Set<Int>()) { set, number in
                if let number { set.insert(number) }
            }
        }
        let expected = Set((0..<200).filter { $0 % 3 == 0 || $0 % 7 == 0 })
        #expect(failed == expected)
        let kept = try await database.read { try $0.rows("SELECT id FROM notes").map { try $0.get("id", as: Int.self) } }
        #expect(Set(kept) == Set(0..<200).subtracting(expected))
        await database.close()
    }

    @Test("An interpolated value is never read as SQL")
    func binding() async throws {
        let file = try StoreFile()
        defer { withExtendedLifetime(file) {} }
        let database = try await PlainScope.open(file, [Self.table])
        let text = "'); DROP TABLE notes; --"
        try await database.write { try $0.connection.run("INSERT INTO notes VALUES (\(1), \(text)), (\(2), \(String?.none))") }
        let rows = try await database.read { try $0.rows("SELECT text FROM notes WHERE id IN \([1, 2]) ORDER BY id") }
        #expect(try rows.map { try $0.optional("text", as: String.self) } == [text, nil])
        #expect(throws: DatabaseFailure.self) { try rows[1].get("text", as: String.self) }
        await database.close()
    }

    @Test("Each step of a schema is applied once, in order, by whichever build brings it")
    func migration() async throws {
        let file = try StoreFile()
        try await PlainScope.open(file, [Self.table]).close()
        let second: [SQL] = ["ALTER TABLE notes ADD COLUMN color TEXT", "INSERT INTO notes VALUES (1, 'a', 'red')"]
        for _ in 0..<2 { try await PlainScope.open(file, [Self.table, second]).close() }
        let database = try await PlainScope.open(file, [Self.table, second])
        #expect(try await database.read { try $0.rows("SELECT color FROM notes").map { try $0.get("color", as: String.self) } } == ["red"])
        await database.close()
    }

    @Test("Commits are durable and readers never wait for the writer")
    func settings() async throws {
        let file = try StoreFile()
        defer { withExtendedLifetime(file) {} }
        let database = try await PlainScope.open(file, [Self.table])
        let (journal, synchronous) = try await database.write { scope in
            let journal: String? = try scope.connection.rows("PRAGMA journal_mode").first?.get("journal_mode")
            let synchronous: Int? = try scope.connection.rows("PRAGMA synchronous").first?.get("synchronous")
            return (journal, synchronous)
        }
        #expect(journal == "wal")
        #expect(synchronous == 2)
        await database.close()
    }
}
