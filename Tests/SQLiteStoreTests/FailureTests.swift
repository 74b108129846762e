import Foundation
import GRDB
import MartletCore
import SQLiteStore
import StoreConformance
import Testing

@Suite("When the file cannot be used")
struct FailureTests {
    @Test(
        "A full disk refuses writes with a reason, keeps what was accepted, and needs no restart once there is space", .enabled(if: Volume.isPossible)
    )
    func fullDisk() async throws {
        let volume = try Volume(megabytes: 4)
        let path = volume.path + "/martlet.db"
        let store = try await SQLiteStore(path: path, environment: Environment(clock: ManualClock(), random: SeededRandom(seed: 1)))
        var accepted = 0
        var refusal: StoreError?
        while refusal == nil, accepted < 10_000 {
            do throws(StoreError) {
                _ = try await store.enqueue([large(accepted)])
                accepted += 1
            } catch {
                refusal = error
            }
        }
        guard case .unavailable(let reason, false)? = refusal else {
            Issue.record("the disk never filled up, or the answer was \(String(describing: refusal))")
            return
        }
        #expect(reason.contains("disk is full"))
        #expect(try await store.overview().queues.first?.counts.ready == accepted)

        try volume.grow(to: 64)
        let answers = try await store.enqueue([large(accepted)])
        #expect(answers.first?.job?.id == .numbered(accepted))
        let claimed = try await store.claim(ClaimPlan(node: NodeID("n"), kinds: nil, limit: 1))
        #expect(claimed.jobs.first?.job.id == .numbered(0))
        await store.close()
        try await Recount(path: path).check()
    }

    private func large(_ number: Int) -> NewJob {
        NewJob(id: .numbered(number), kind: "a", payload: Payload(.string(String(repeating: "x", count: 20_000))))
    }

    @Test("A file system that cannot be written is said to be so", .enabled(if: Volume.isPossible))
    func readOnly() async throws {
        let volume = try Volume(megabytes: 4)
        let path = volume.path + "/martlet.db"
        try await SQLiteStore(path: path, environment: .system).close()
        try volume.makeReadOnly(megabytes: 4)
        await #expect(throws: StoreError.self) { try await SQLiteStore(path: path, environment: .system) }
        let error = await error { () async throws(StoreError) in _ = try await SQLiteStore(path: path, environment: .system) }
        #expect(error?.isTransient == true, "\(String(describing: error))")
    }

    @Test("A file that is no database is refused for good")
    func garbage() async throws {
        let file = try StoreFile()
        try Data(repeating: 0x41, count: 10_000).write(to: URL(filePath: file.path))
        let error = await error { () async throws(StoreError) in _ = try await file.open() }
        guard case .corrupt(let reason)? = error else {
            Issue.record("the answer was \(String(describing: error))")
            return
        }
        #expect(reason.contains("not an SQLite database"))
    }

    @Test("S3-4: A damaged page is reported as damage, not as an empty store")
    func damage() async throws {
        let file = try StoreFile()
        let store = try await file.open()
        for start in stride(from: 0, to: 1000, by: 100) { _ = try await store.enqueue((start..<start + 100).map { .made($0) }) }
        await store.close()
        var bytes = try Data(contentsOf: URL(filePath: file.path))
        for page in 8..<bytes.count / 4096 { bytes.replaceSubrange(page * 4096..<page * 4096 + 64, with: Data(repeating: 0xFF, count: 64)) }
        try bytes.write(to: URL(filePath: file.path))
        let error = await error { () async throws(StoreError) in
            let store = try await file.open()
            for number in 0..<1000 { _ = try await store.job(.numbered(number)) }
        }
        guard case .corrupt? = error else {
            Issue.record("the answer was \(String(describing: error))")
            return
        }
    }

    @Test("Tables of a newer build are refused, and left alone")
    func newer() async throws {
        let file = try StoreFile()
        try await file.open().close()
        try await DatabaseQueue(path: file.path).write { try $0.execute(sql: "UPDATE schema_versions SET version = version + 1") }
        let error = await error { () async throws(StoreError) in _ = try await file.open() }
        guard case .corrupt(let reason)? = error else {
            Issue.record("the answer was \(String(describing: error))")
            return
        }
        #expect(reason.contains("run a newer build"))
    }

    @Test("A folder that is not there is named as the cause")
    func noFolder() async throws {
        let error = await error { () async throws(StoreError) in _ = try await SQLiteStore(path: "/nowhere/martlet.db", environment: .system) }
        guard case .unavailable(let reason, false)? = error else {
            Issue.record("the answer was \(String(describing: error))")
            return
        }
        #expect(reason.contains("cannot be opened"))
    }

    @Test("A closed store refuses, and says so")
    func closed() async throws {
        let file = try StoreFile()
        defer { withExtendedLifetime(file) {} }
        let store = try await file.open()
        await store.close()
        let error = await error { () async throws(StoreError) in _ = try await store.enqueue([.made(1)]) }
        #expect(error == .unavailable(reason: "the database has been closed", mayHaveHappened: false))
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
