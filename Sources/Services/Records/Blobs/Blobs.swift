import Database
import Logging
import MartletCore
import Synchronization

/// Files named by the SHA-256 of their bytes: kept once, whoever keeps them, for as long as anybody owns them.
///
/// Bytes are streamed through, a chunk at a time. A blob that `put` has answered is on disk, and its row after it; a crash at any moment leaves
/// neither a row without its file nor, once the next start has swept, a file without its row. Several processes may share one folder, and
/// several folders must not share one database.
public final class Blobs: Sendable {
    private static let threadCount = 4
    private static let pageMax = 1000

    private let folder: BlobFolder
    private let database: SQLDatabase
    private let limits: BlobLimits
    private let environment: Environment
    private let logger: Logger
    private let threads: BlobThreads
    private let free: @Sendable (BlobFolder) throws(BlobError) -> Int
    private let writing = Mutex(0)

    /// Opens the folder, making it where there is none, and removes what crashes have left in it.
    /// - Parameter path: of a folder of its own, on a local disk.
    /// - Throws: `BlobError`, `DatabaseFailure`.
    public static func open(
        _ path: String, in database: SQLDatabase, limits: BlobLimits = BlobLimits(), environment: Environment,
        logger: Logger = Logger(label: "martlet.blobs")
    ) async throws -> Blobs {
        try await open(path, in: database, limits: limits, environment: environment, logger: logger) { folder throws(BlobError) in
            try folder.free()
        }
    }

    /// - Parameter free: how many bytes of the disk may be used.
    static func open(
        _ path: String, in database: SQLDatabase, limits: BlobLimits, environment: Environment, logger: Logger,
        free: @escaping @Sendable (BlobFolder) throws(BlobError) -> Int
    ) async throws -> Blobs {
        let blobs = Blobs(
            BlobFolder(path: path), database, limits, environment, logger, threads: try BlobThreads(threadCount), free: free)
        try await BlobSweeper(blobs.folder, threads: blobs.threads).prepare()
        try await blobs.sweep()
        return blobs
    }

    private init(
        _ folder: BlobFolder, _ database: SQLDatabase, _ limits: BlobLimits, _ environment: Environment, _ logger: Logger, threads: BlobThreads,
        free: @escaping @Sendable (BlobFolder) throws(BlobError) -> Int
    ) {
        self.folder = folder
        self.database = database
        self.limits = limits
        self.environment = environment
        self.logger = logger
        self.threads = threads
        self.free = free
    }

    // MARK: Writing

    /// Keeps the bytes for an owner. Keeping again what it keeps already changes nothing.
    /// - Parameters:
    ///   - bytes: chunks of any length, each held only while it is written.
    ///   - digest: what the bytes are said to be; checked.
    ///   - size: how many they are said to be; checked, and there must be room for them from the start.
    /// - Throws: `BlobError`, `DatabaseFailure`, what `bytes` throws. Nothing is kept then.
    public func put<Chunks: AsyncSequence>(
        _ bytes: Chunks, for owner: BlobOwner, digest: BlobDigest? = nil, size: Int? = nil
    ) async throws -> StoredBlob where Chunks.Element == [UInt8] {
        try Self.check(owner.tenant)
        try Self.check(owner.name)
        try enter()
        defer { writing.withLock { $0 -= 1 } }
        let writer = BlobWriter("\(environment.makeJobID())", in: folder, limits: limits, threads: threads, free: free)
        do {
            try await writer.begin(announced: size)
            for try await chunk in bytes {
                try Task.checkCancellation()
                try await writer.write(chunk)
            }
            let (blob, path) = try await writer.seal()
            if let digest, digest != blob.digest { throw BlobError.mismatch(expected: digest.hex, found: blob.digest.hex) }
            if let size, size != blob.size { throw BlobError.mismatch(expected: "\(size) bytes", found: "\(blob.size) bytes") }
            try await commit(blob, at: path, for: owner)
            await writer.end()
            return blob
        } catch {
            await writer.end()
            throw error
        }
    }

    private func enter() throws(BlobError) {
        let isIn = writing.withLock { count in
            if count >= limits.writers { return false }
            count += 1
            return true
        }
        guard isIn else { throw .busy(writers: limits.writers) }
    }

    private func commit(_ blob: StoredBlob, at path: String, for owner: BlobOwner) async throws {
        let (folder, now, standard) = (folder, environment.clock.now(), limits.quota)
        do {
            try await database.write { connection in
                // First of all: whoever keeps or removes the same bytes waits here.
                try connection.run(
                    """
                    INSERT INTO records_blobs (digest, size, created_at, is_doomed) VALUES (\(blob.digest.bytes), \(blob.size), \(now), \(false))
                    ON CONFLICT (digest) DO UPDATE SET is_doomed = excluded.is_doomed
                    """)
                try Self.own(blob, owner, now, standard, connection)
                // Last of all: once it has its name, nothing but the commit can fail.
                try folder.place(path, as: blob.digest)
            }
        } catch {
            await collectQuietly(blob.digest)
            throw error
        }
    }

    /// Writes down the owner, and charges its tenant where it is the tenant's first.
    private static func own(
        _ blob: StoredBlob, _ owner: BlobOwner, _ now: Timestamp, _ standard: Int?, _ connection: any SQLConnection
    ) throws {
        let isNew = try connection.run(
            """
            INSERT INTO records_blob_owners (tenant, owner, digest, created_at) VALUES (\(owner.tenant), \(owner.name), \(blob.digest.bytes), \(now))
            ON CONFLICT (tenant, owner, digest) DO NOTHING
            """)
        guard isNew == 1, try count(blob.digest, of: owner.tenant, connection) == 1 else { return }
        try connection.run(
            "INSERT INTO records_blob_tenants (tenant, bytes, quota) VALUES (\(owner.tenant), \(0), \(Int?.none)) ON CONFLICT (tenant) DO NOTHING")
        let charged = try connection.run(
            """
            UPDATE records_blob_tenants SET bytes = bytes + \(blob.size)
            WHERE tenant = \(owner.tenant) AND bytes + \(blob.size) <= COALESCE(quota, \(standard ?? Int.max))
            """)
        guard charged == 1 else {
            let row = try connection.rows("SELECT quota FROM records_blob_tenants WHERE tenant = \(owner.tenant)").first
            throw BlobError.quotaExceeded(tenant: owner.tenant, quota: try row?.optional("quota") ?? standard ?? .max)
        }
    }

    private static func count(_ digest: BlobDigest, of tenant: String, _ connection: any SQLConnection) throws -> Int {
        let rows = try connection.rows(
            "SELECT COUNT(*) AS owners FROM records_blob_owners WHERE digest = \(digest.bytes) AND tenant = \(tenant)")
        return try rows.first?.get("owners") ?? 0
    }

    // MARK: Removing

    /// Ends an owner's hold on a blob; its last owner's removes it.
    /// - Returns: `false` where it held none.
    @discardableResult
    public func remove(_ digest: BlobDigest, for owner: BlobOwner) async throws -> Bool {
        let isLast = try await database.write { connection -> Bool? in
            let rows = try connection.rows("SELECT size FROM records_blobs WHERE digest = \(digest.bytes)\(SQL.lockingRow)")
            guard let size = try rows.first?.get("size", as: Int.self) else { return nil }
            let removed = try connection.run(
                """
                DELETE FROM records_blob_owners WHERE tenant = \(owner.tenant) AND owner = \(owner.name) AND digest = \(digest.bytes)
                """)
            if removed == 0 { return nil }
            if try Self.count(digest, of: owner.tenant, connection) == 0 {
                try connection.run("UPDATE records_blob_tenants SET bytes = bytes - \(size) WHERE tenant = \(owner.tenant)")
            }
            // The file goes in a second transaction: it cannot come back where this one is undone.
            return try connection.run(
                """
                UPDATE records_blobs SET is_doomed = \(true) WHERE digest = \(digest.bytes)
                    AND NOT EXISTS (SELECT 1 FROM records_blob_owners WHERE digest = \(digest.bytes))
                """) == 1
        }
        guard let isLast else { return false }
        if isLast { await collectQuietly(digest) }
        return true
    }

    /// Removes the file of a blob that nobody owns, with its row.
    private func collect(_ digest: BlobDigest) async throws {
        let (folder, now) = (folder, environment.clock.now())
        try await database.write { connection in
            // Where there is no row one is made: it is the lock that keeps out who is about to keep the same bytes.
            try connection.run(
                """
                INSERT INTO records_blobs (digest, size, created_at, is_doomed) VALUES (\(digest.bytes), \(0), \(now), \(true))
                ON CONFLICT (digest) DO NOTHING
                """)
            let rows = try connection.rows("SELECT is_doomed FROM records_blobs WHERE digest = \(digest.bytes)\(SQL.lockingRow)")
            guard try rows.first?.get("is_doomed", as: Bool.self) == true else { return }
            try folder.remove(digest)
            try connection.run("DELETE FROM records_blobs WHERE digest = \(digest.bytes)")
        }
    }

    /// What cannot be removed now is marked in the database or in the folder, and removed by the next sweep.
    private func collectQuietly(_ digest: BlobDigest) async {
        do {
            try await collect(digest)
        } catch {
            logger.notice("a blob's file could not be removed yet", metadata: ["digest": "\(digest)", "error": "\(error)"])
        }
    }

    /// Removes what crashes have left. `open` does it; never touches what a living process writes.
    public func sweep() async throws {
        let sweeper = BlobSweeper(folder, threads: threads)
        do {
            var names = try await sweeper.take(Self.pageMax)
            while !names.isEmpty {
                for name in names {
                    // It may have its name by digest already, and no row: the crash came between the two.
                    if let digest = BlobFolder.digest(inSealedName: name) { try await collect(digest) }
                    await sweeper.remove(name)
                }
                names = try await sweeper.take(Self.pageMax)
            }
        } catch {
            await sweeper.letGo()
            throw error
        }
        try await sweepDoomed()
    }

    private func sweepDoomed() async throws {
        while true {
            let rows = try await database.read {
                try $0.rows("SELECT digest FROM records_blobs WHERE is_doomed = \(true) LIMIT \(Self.pageMax)")
            }
            for row in rows { try await collect(BlobDigest(try row.get("digest", as: [UInt8].self))) }
            if rows.count < Self.pageMax { return }
        }
    }

    // MARK: Reading

    /// A blob that somebody of this tenant owns.
    /// - Parameter range: the bytes wanted; all where nothing is said.
    /// - Throws: `BlobError.notFound`, also for another tenant's; `invalidRange`; `damaged`.
    public func read(_ digest: BlobDigest, of tenant: String, range: Range<Int>? = nil) async throws -> BlobReader {
        let rows = try await database.read {
            try $0.rows(
                """
                SELECT size FROM records_blobs WHERE digest = \(digest.bytes)
                    AND EXISTS (SELECT 1 FROM records_blob_owners WHERE digest = \(digest.bytes) AND tenant = \(tenant))
                """)
        }
        guard let size = try rows.first?.get("size", as: Int.self) else { throw BlobError.notFound(digest) }
        let range = range ?? 0..<size
        guard range.lowerBound >= 0, range.upperBound <= size else { throw BlobError.invalidRange(size: size) }
        let file = BlobFile(threads: threads)
        guard try await file.open(folder.file(digest)) == size else { throw BlobError.damaged(digest) }
        return BlobReader(StoredBlob(digest: digest, size: size), range: range, file: file)
    }

    // MARK: Quotas

    public func usage(of tenant: String) async throws -> BlobUsage {
        let rows = try await database.read { try $0.rows("SELECT bytes, quota FROM records_blob_tenants WHERE tenant = \(tenant)") }
        return BlobUsage(bytes: try rows.first?.get("bytes") ?? 0, quota: try rows.first?.optional("quota") ?? limits.quota)
    }

    /// Sets what a tenant may keep, from now on; what it keeps already stays. `nil` is what `BlobLimits.quota` says.
    public func setQuota(_ bytes: Int?, for tenant: String) async throws {
        try Self.check(tenant)
        try await database.write {
            try $0.run(
                """
                INSERT INTO records_blob_tenants (tenant, bytes, quota) VALUES (\(tenant), \(0), \(bytes))
                ON CONFLICT (tenant) DO UPDATE SET quota = excluded.quota
                """)
        }
    }

    private static func check(_ name: String) throws(BlobError) {
        if let reason = name.isEmpty ? "must not be empty" : NewJob.nameFault(name) { throw .invalidName(reason: reason) }
    }
}
