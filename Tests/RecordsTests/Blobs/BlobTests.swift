import Crypto
import Database
import Foundation
import Glibc
import Logging
import MartletCore
import Synchronization
import Testing

@testable import Records

@Suite(.timeLimit(.minutes(3)), .serialized)
struct BlobTests {
    private let ann = BlobOwner("ann", tenant: "acme")
    private let bob = BlobOwner("bob", tenant: "acme")
    private let eve = BlobOwner("eve", tenant: "other")

    private func with(
        _ engine: TestDatabase.Engine = .sqlite, limits: BlobLimits = BlobLimits(),
        free: @escaping @Sendable (BlobFolder) throws(BlobError) -> Int = { _ in .max },
        _ body: @escaping @Sendable (Blobs, TestDatabase) async throws -> Void
    ) async throws {
        try await TestDatabase.with(engine) { test async throws in
            let blobs = try await Blobs.open(
                test.folder + "/blobs", in: test.database, limits: limits, environment: .system, logger: Logger(label: "test"), free: free)
            try await body(blobs, test)
        }
    }

    private func chunks(_ texts: String...) -> AsyncStream<[UInt8]> {
        AsyncStream { continuation in
            for text in texts { continuation.yield(Array(text.utf8)) }
            continuation.finish()
        }
    }

    /// Bytes that are made as they are taken.
    private struct Made: AsyncSequence, AsyncIteratorProtocol {
        var left: Int
        var chunk = 64 << 10
        var seed: UInt8

        mutating func next() async -> [UInt8]? {
            guard left > 0 else { return nil }
            let count = Swift.min(left, chunk)
            left -= count
            seed &+= 1
            return [UInt8](repeating: seed, count: count)
        }

        func makeAsyncIterator() -> Made { self }
    }

    private func text(_ reader: BlobReader) async throws -> String {
        var bytes: [UInt8] = []
        for try await chunk in reader { bytes += chunk }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Every file below the folder, `tmp/` included.
    private func files(_ test: TestDatabase) throws -> [String] {
        let found = try FileManager.default.subpathsOfDirectory(atPath: test.folder + "/blobs")
        return found.filter { $0.hasPrefix("tmp/") || $0.count > 10 }.sorted()
    }

    /// Resident bytes of this process (proc(5): the second number of statm, in pages).
    private func resident() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(text.split(separator: " ")[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private func descriptors() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }

    @Test("Bytes come back as they were put, whole and in part, under their SHA-256", arguments: TestDatabase.Engine.allCases)
    func roundTrip(engine: TestDatabase.Engine) async throws {
        try await with(engine) { blobs, test async throws in
            let blob = try await blobs.put(chunks("hello ", "", "world"), for: ann, size: 11)
            #expect(blob.digest.hex == "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9" && blob.size == 11)
            #expect(BlobDigest(hex: blob.digest.hex.uppercased()) == blob.digest)
            #expect(try await text(blobs.read(blob.digest, of: "acme")) == "hello world")
            #expect(try await text(blobs.read(blob.digest, of: "acme", range: 6..<11)) == "world")
            #expect(try await text(blobs.read(blob.digest, of: "acme", range: 11..<11)) == "")
            for range in [0..<12, 12..<12, -1..<3] {
                await #expect(throws: BlobError.invalidRange(size: 11)) { try await blobs.read(blob.digest, of: "acme", range: range) }
            }
            // Not even that it is there is told to another tenant.
            await #expect(throws: BlobError.notFound(blob.digest)) { try await blobs.read(blob.digest, of: "other") }
            let empty = try await blobs.put(chunks(), for: ann)
            #expect(empty.size == 0)
            #expect(try await text(blobs.read(empty.digest, of: "acme")) == "")
            #expect(try files(test).count == 2)
        }
    }

    @Test(
        "The same bytes are kept once, for as long as anybody owns them, and each tenant pays for them once", arguments: TestDatabase.Engine.allCases)
    func owners(engine: TestDatabase.Engine) async throws {
        try await with(engine) { blobs, test async throws in
            let digest = try await blobs.put(chunks("hello"), for: ann).digest
            for owner in [ann, bob, eve] { #expect(try await blobs.put(chunks("hello"), for: owner).digest == digest) }
            #expect(try files(test).count == 1)
            for tenant in ["acme", "other"] { #expect(try await blobs.usage(of: tenant).bytes == 5) }
            #expect(try await blobs.remove(digest, for: ann))
            #expect(try await !blobs.remove(digest, for: ann))
            #expect(try await blobs.usage(of: "acme").bytes == 5)
            #expect(try await blobs.remove(digest, for: bob))
            #expect(try await blobs.usage(of: "acme").bytes == 0)
            await #expect(throws: BlobError.notFound(digest)) { try await blobs.read(digest, of: "acme") }
            let open = try await blobs.read(digest, of: "other")
            #expect(try await blobs.remove(digest, for: eve))
            #expect(try files(test).isEmpty)
            // Who was reading reads on.
            #expect(try await text(open) == "hello")
            #expect(try await test.database.read { try $0.rows("SELECT 1 FROM records_blobs").count } == 0)
            #expect(try await blobs.put(chunks("hello"), for: ann).digest == digest)
            #expect(try await text(blobs.read(digest, of: "acme")) == "hello")
        }
    }

    @Test("Who puts and who removes the same bytes at the same instant never leave a row without its file", arguments: TestDatabase.Engine.allCases)
    func races(engine: TestDatabase.Engine) async throws {
        try await with(engine) { blobs, test async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<6 {
                    let owner = BlobOwner("\(number)", tenant: "t\(number % 2)")
                    group.addTask {
                        for _ in 0..<15 {
                            let digest = try await blobs.put(chunks("contended"), for: owner).digest
                            #expect(try await text(blobs.read(digest, of: owner.tenant)) == "contended")
                            try await blobs.remove(digest, for: owner)
                        }
                    }
                }
                try await group.waitForAll()
            }
            for tenant in ["t0", "t1"] { #expect(try await blobs.usage(of: tenant).bytes == 0) }
            #expect(try files(test).isEmpty)
        }
    }

    @Test("A quota holds against those who come at the same instant", arguments: TestDatabase.Engine.allCases)
    func quota(engine: TestDatabase.Engine) async throws {
        var limits = BlobLimits()
        limits.quota = 50
        try await with(engine, limits: limits) { blobs, test async throws in
            let kept = Tally()
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        do {
                            _ = try await blobs.put(chunks("number \(10 + number)!"), for: ann)
                            kept.add()
                        } catch {
                            #expect(error as? BlobError == .quotaExceeded(tenant: "acme", quota: 50))
                        }
                    }
                }
            }
            #expect(kept.count == 5)
            #expect(try await blobs.usage(of: "acme") == BlobUsage(bytes: 50, quota: 50))
            #expect(try files(test).count == 5)
            // Another's is its own, and an operator may raise it.
            _ = try await blobs.put(chunks("number 99!"), for: eve)
            try await blobs.setQuota(70, for: "acme")
            _ = try await blobs.put(chunks("number 98!"), for: ann)
            #expect(try await blobs.usage(of: "acme") == BlobUsage(bytes: 60, quota: 70))
        }
    }

    @Test("A full disk is a typed error, and leaves nothing")
    func fullDisk() async throws {
        let free = Mutex(100 << 20)
        var limits = BlobLimits()
        limits.reserve = 50 << 20
        let source: @Sendable (BlobFolder) throws(BlobError) -> Int = { _ in
            free.withLock {
                $0 -= 10 << 20
                return $0
            }
        }
        try await with(limits: limits, free: source) { blobs, test async throws in
            await #expect(throws: BlobError.diskFull(reserve: 50 << 20)) {
                try await blobs.put(chunks("hello"), for: ann, size: 60 << 20)
            }
            // Looked at again while it is written.
            await #expect(throws: BlobError.diskFull(reserve: 50 << 20)) {
                try await blobs.put(Made(left: 200 << 20, seed: 1), for: ann)
            }
            #expect(try files(test).isEmpty)
            #expect(try await blobs.usage(of: "acme").bytes == 0)
        }
    }

    @Test("What is not what it was said to be is refused, and leaves nothing; so do a source that fails, and one that is too long")
    func refusals() async throws {
        struct Broken: Error {}
        var limits = BlobLimits()
        limits.blobBytes = 1000
        try await with(limits: limits) { blobs, test async throws in
            let digest = BlobDigest(SHA256.hash(data: Data("hello".utf8)))
            await #expect(throws: BlobError.self) { try await blobs.put(chunks("hullo"), for: ann, digest: digest) }
            await #expect(throws: BlobError.self) { try await blobs.put(chunks("hello"), for: ann, size: 6) }
            #expect(try await blobs.put(chunks("hello"), for: ann, digest: digest, size: 5).digest == digest)
            await #expect(throws: BlobError.tooLarge(bytesMax: 1000)) { try await blobs.put(Made(left: 1001, chunk: 100, seed: 0), for: ann) }
            await #expect(throws: BlobError.tooLarge(bytesMax: 1000)) { try await blobs.put(chunks(), for: ann, size: 1001) }
            let failing = AsyncThrowingStream<[UInt8], any Error> { continuation in
                continuation.yield([1])
                continuation.finish(throwing: Broken())
            }
            await #expect(throws: Broken.self) { try await blobs.put(failing, for: ann) }
            for name in ["", "a\nb", String(repeating: "x", count: 300)] {
                await #expect(throws: BlobError.self) { try await blobs.put(chunks("x"), for: BlobOwner(name, tenant: "acme")) }
                await #expect(throws: BlobError.self) { try await blobs.put(chunks("x"), for: BlobOwner("a", tenant: name)) }
            }
            #expect(try files(test).count == 1)
        }
    }

    @Test(
        "No text is part of a path: what is no digest is none",
        arguments: [
            "", "../../etc/passwd", String(repeating: "../", count: 22).prefix(64).description, String(repeating: "g", count: 64),
            String(repeating: "a", count: 63), String(repeating: "a", count: 65), String(repeating: "é", count: 32),
            "\0" + String(repeating: "a", count: 63),
        ])
    func traversal(text: String) async throws {
        #expect(BlobDigest(hex: text) == nil)
        try await with { blobs, test async throws in
            let odd = BlobOwner("../../../x", tenant: "../y/..")
            let digest = try await blobs.put(chunks("hello"), for: odd).digest
            #expect(try await self.text(blobs.read(digest, of: odd.tenant)) == "hello")
            #expect(try FileManager.default.contentsOfDirectory(atPath: test.folder).filter { !$0.hasPrefix("data.db") } == ["blobs"])
        }
    }

    @Test("A damaged file is said, not served as if it were whole")
    func damage() async throws {
        try await with { blobs, test async throws in
            let digest = try await blobs.put(chunks("hello world"), for: ann).digest
            let path = test.folder + "/blobs/" + (try #require(try files(test).first))
            try Data("hello w0rld".utf8).write(to: URL(filePath: path))
            await #expect(throws: BlobError.damaged(digest)) { try await text(blobs.read(digest, of: "acme")) }
            try Data("hello".utf8).write(to: URL(filePath: path))
            await #expect(throws: BlobError.damaged(digest)) { try await blobs.read(digest, of: "acme") }
            try FileManager.default.removeItem(atPath: path)
            await #expect(throws: BlobError.damaged(digest)) { try await blobs.read(digest, of: "acme") }
        }
    }

    @Test("S2-18: A hundred files of 10 MB, one after the other and all at once, in less than 32 MB more memory")
    func memory() async throws {
        try await with { blobs, _ async throws in
            // What the first use costs is not growth.
            _ = try await blobs.put(Made(left: 10 << 20, seed: 200), for: ann)
            let before = try resident()
            let most = Peak()
            @Sendable func note() throws { most.note(try resident()) }
            for number in 0..<100 {
                let blob = try await blobs.put(Made(left: 10 << 20, seed: UInt8(number)), for: ann)
                try note()
                try await blobs.remove(blob.digest, for: ann)
            }
            let inOrder = most.value - before
            #expect(inOrder < 32 << 20, "grew by \(inOrder) bytes in order")
            try await withThrowingTaskGroup(of: StoredBlob.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        let blob = try await blobs.put(Made(left: 10 << 20, seed: UInt8(number)), for: ann)
                        try note()
                        try await blobs.remove(blob.digest, for: ann)
                        return blob
                    }
                }
                for try await blob in group { #expect(blob.size == 10 << 20) }
            }
            let atOnce = most.value - before
            #expect(atOnce < 32 << 20, "grew by \(atOnce) bytes at once")
        }
    }

    @Test("S2-19: A file of 64 MB is read in chunks, and never whole in memory")
    func chunkedReading() async throws {
        try await with { blobs, _ async throws in
            let digest = try await blobs.put(Made(left: 64 << 20, seed: 0), for: ann).digest
            let before = try resident()
            var (count, most) = (0, 0)
            for try await chunk in try await blobs.read(digest, of: "acme") {
                #expect(chunk.count <= 64 << 10)
                count += chunk.count
                most = max(most, try resident() - before)
            }
            #expect(count == 64 << 20)
            #expect(most < 16 << 20)
        }
    }

    @Test("S2-20: Thirty large files in succession cost no more memory than ten")
    func succession() async throws {
        try await with { blobs, _ async throws in
            var marks: [Int] = []
            for number in 0..<30 {
                _ = try await blobs.put(Made(left: 12 << 20, seed: UInt8(number)), for: ann)
                if number == 9 || number == 29 { marks.append(try resident()) }
            }
            #expect(marks[1] - marks[0] < 8 << 20)
        }
    }

    @Test("S2-56: An upload in chunks of any length is written as it comes, and nothing waits for its end")
    func chunkedUpload() async throws {
        try await with { blobs, test async throws in
            let (source, continuation) = AsyncStream.makeStream(of: [UInt8].self)
            async let blob = blobs.put(source, for: ann)
            for size in [1, 70_000, 3, 1_000_000] { continuation.yield([UInt8](repeating: 7, count: size)) }
            // What has come is on its way to the disk before the rest is sent.
            while true {
                let names = try FileManager.default.contentsOfDirectory(atPath: test.folder + "/blobs/tmp")
                var facts = stat()
                if let name = names.first, stat("\(test.folder)/blobs/tmp/\(name)", &facts) == 0, facts.st_size == 1_070_004 { break }
                await Task.yield()
            }
            continuation.finish()
            #expect(try await blob.size == 1_070_004)
        }
    }

    @Test("S2-22: No object, file or lock outlives the call that needed it")
    func nothingOutlives() async throws {
        try await with { blobs, test async throws in
            let before = try descriptors()
            for number in 0..<200 {
                let digest = try await blobs.put(chunks("\(number)"), for: ann).digest
                #expect(try await text(blobs.read(digest, of: "acme")) == "\(number)")
                await #expect(throws: BlobError.self) { try await blobs.put(chunks("\(number)"), for: ann, size: 9) }
            }
            #expect(try files(test).count == 200)
            #expect(try descriptors() <= before + 2)
        }
    }
}

/// The largest of what is noted, by several tasks.
private final class Peak: Sendable {
    private let most = Mutex(0)

    var value: Int { most.withLock { $0 } }

    func note(_ number: Int) { most.withLock { $0 = max($0, number) } }
}
