import Database
import Foundation
import Glibc
import MartletCore
import Testing

@testable import Records

@Suite(.timeLimit(.minutes(2)), .serialized)
struct BlobCrashTests {
    private let ann = BlobOwner("ann", tenant: "acme")

    private struct One: AsyncSequence, AsyncIteratorProtocol {
        var bytes: [UInt8]?

        mutating func next() async -> [UInt8]? {
            defer { bytes = nil }
            return bytes
        }

        func makeAsyncIterator() -> One { self }
    }

    private func temporary(_ test: TestDatabase) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: test.folder + "/blobs/tmp").sorted()
    }

    private func open(_ test: TestDatabase) async throws -> Blobs {
        try await Blobs.open(test.folder + "/blobs", in: test.database, environment: .system)
    }

    @Test("What a killed process was writing is removed at the next start, what a living one writes is not")
    func killedWriters() async throws {
        try await TestDatabase.with { test async throws in
            let arguments = ["blob", test.url, test.folder + "/blobs"]
            let (dead, living) = (try ProbeProcess(arguments), try ProbeProcess(arguments))
            defer {
                dead.end()
                living.end()
            }
            for probe in [dead, living] {
                try await probe.line("ready")
                try probe.go()
                try await probe.line("writing")
            }
            #expect(try temporary(test).count == 2)
            // Both live: nothing is touched.
            _ = try await open(test)
            #expect(try temporary(test).count == 2)
            dead.end()
            _ = try await open(test)
            #expect(try temporary(test).count == 1)
            living.end()
            _ = try await open(test)
            #expect(try temporary(test).isEmpty)
        }
    }

    @Test(
        "A crash between the file's name and its row leaves no file, and one before the removal of a file leaves none either",
        arguments: TestDatabase.Engine.allCases)
    func halfWay(engine: TestDatabase.Engine) async throws {
        try await TestDatabase.with(engine) { test async throws in
            let blobs = try await open(test)
            let kept = try await blobs.put(One(bytes: [1]), for: ann).digest
            let doomed = try await blobs.put(One(bytes: [2]), for: ann).digest
            let lost = try await blobs.put(One(bytes: [3]), for: ann).digest
            let folder = BlobFolder(path: test.folder + "/blobs")
            // As the disk is when a process dies in between: two names of one file, and no row.
            for (number, digest) in [kept, lost].enumerated() {
                #expect(link(folder.file(digest), "\(folder.temporary)/\(BlobFolder.sealedName("left-\(number)", digest))") == 0)
            }
            try await test.database.write { connection in
                try connection.run("DELETE FROM records_blobs WHERE digest = \(lost.bytes)")
                try connection.run("DELETE FROM records_blob_owners WHERE digest = \(lost.bytes)")
                try connection.run("DELETE FROM records_blob_owners WHERE digest = \(doomed.bytes)")
                try connection.run("UPDATE records_blobs SET is_doomed = \(true) WHERE digest = \(doomed.bytes)")
            }
            #expect(try temporary(test).count == 2)
            let again = try await open(test)
            #expect(try temporary(test).isEmpty)
            for (digest, isThere) in [(kept, true), (doomed, false), (lost, false)] {
                #expect(FileManager.default.fileExists(atPath: folder.file(digest)) == isThere)
            }
            var bytes: [UInt8] = []
            for try await chunk in try await again.read(kept, of: "acme") { bytes += chunk }
            #expect(bytes == [1])
            #expect(try await test.database.read { try $0.rows("SELECT 1 FROM records_blobs").count } == 1)
        }
    }

    @Test("A database that fails at the end leaves neither file nor charge")
    func failedCommit() async throws {
        try await TestDatabase.with { test async throws in
            let blobs = try await open(test)
            try await test.database.write { try $0.run("ALTER TABLE records_blob_tenants RENAME TO away") }
            await #expect(throws: DatabaseFailure.self) { try await blobs.put(One(bytes: [1]), for: ann) }
            #expect(try temporary(test).isEmpty)
            try await test.database.write { try $0.run("ALTER TABLE away RENAME TO records_blob_tenants") }
            #expect(try await blobs.usage(of: "acme").bytes == 0)
            #expect(try await test.database.read { try $0.rows("SELECT 1 FROM records_blobs").count } == 0)
            #expect(try await blobs.put(One(bytes: [1]), for: ann).size == 1)
        }
    }
}
