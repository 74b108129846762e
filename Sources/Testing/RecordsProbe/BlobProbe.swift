import Database
import MartletCore
import Records

/// Puts a blob and never comes to its end: for a test that kills it.
///
///     records-probe blob DATABASE FOLDER
///
/// Says `writing` when the first chunk is on its way.
enum BlobProbe {
    private struct Endless: AsyncSequence, AsyncIteratorProtocol {
        var count = 0

        mutating func next() async throws -> [UInt8]? {
            count += 1
            if count < 3 { return [UInt8](repeating: 1, count: 100_000) }
            // Asked for the third, so the first two are written.
            RecordsProbe.say("writing")
            try await Environment.system.clock.sleep(for: .seconds(3600))
            return nil
        }

        func makeAsyncIterator() -> Endless { self }
    }

    static func run(_ arguments: [String]) async throws {
        guard arguments.count == 2 else { throw RecordsProbe.Usage() }
        let database = try await SQLDatabase.open(arguments[0], schemas: [.records], environment: .system)
        let blobs = try await Blobs.open(arguments[1], in: database, environment: .system)
        RecordsProbe.say("ready")
        _ = readLine()
        _ = try await blobs.put(Endless(), for: BlobOwner("probe", tenant: "probe"))
    }
}
