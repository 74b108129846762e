import Database
import MartletCore

extension Vault {
    private struct Position: Sendable {
        var kind = ""
        var tenant = ""
        var name = ""
    }

    private struct Batch: Sendable {
        var last: Position?
        var rewrapped = 0
        var damaged: [String] = []
    }

    /// Changes the envelope key while others work: a new key is put in front of the source, becomes the one that seals, and the data keys of all
    /// rows are wrapped under it, a batch in each transaction. Stopped at any point, calling it again goes on; meanwhile both keys open.
    /// - Parameters:
    ///   - batch: rows in one transaction.
    ///   - forgets: removes from a key file the keys that nothing needs any more. Backups made before need them.
    ///   - progress: hears how many rows have been done so far.
    /// - Throws: `VaultError`, `DatabaseFailure`.
    public func rotate(batch: Int = 100, forgetting forgets: Bool = false, progress: @Sendable (Int) -> Void = { _ in }) async throws
        -> RotationReport
    {
        var report = RotationReport(key: try await database.read { try Self.primaryKey($0, "") })
        let isUnfinished = try await database.read { connection in
            try !connection.rows("SELECT 1 FROM vault_keys WHERE is_primary = \(false) AND retired_at IS NULL").isEmpty
        }
        if isUnfinished { try await finish(&report, batch, progress) }
        // Where nothing was left to do, or nothing that can be done, a new key is meant.
        if report.rewrapped == 0, report.retired.isEmpty {
            report = RotationReport(key: try await turn())
            try await finish(&report, batch, progress)
        }
        if forgets, case .file(let path) = source {
            let retired = try await retiredKeys()
            try KeyFile(path: path).change { keys throws(VaultError) in keys.filter { !retired.contains($0.id) } }
            _ = try reload()
        }
        return report
    }

    private func finish(_ report: inout RotationReport, _ batch: Int, _ progress: @Sendable (Int) -> Void) async throws {
        var position: Position? = Position()
        while let from = position {
            let done = try await rewrap(after: from, to: report.key, limit: max(1, batch))
            report.rewrapped += done.rewrapped
            report.damaged = Array((report.damaged + done.damaged).prefix(RotationReport.damagedMax))
            position = done.last
            progress(report.rewrapped)
        }
        report.retired = try await retire(allBut: report.key)
    }

    /// Makes the newest key the one that seals.
    /// - Returns: its id.
    private func turn() async throws -> String {
        let (primary, known) = try await database.read { connection in
            (try Self.primaryKey(connection, ""), try connection.rows("SELECT id FROM vault_keys").map { try $0.get("id", as: String.self) })
        }
        // What is in front and not known to the database is a new key: the operator's, or that of a rotation that was stopped right here.
        if case .file(let path) = source {
            try KeyFile(path: path).change { keys throws(VaultError) in known.contains(keys[0].id) ? [.generate()] + keys : keys }
        }
        let ring = try reload()
        guard ring[primary] != nil else { throw VaultError.keyMissing(needed: primary, held: ring.keys.map(\.id), source: source.description) }
        let new = ring.keys[0].id
        let now = environment.clock.now()
        guard !known.contains(new) else { throw VaultError.noNewKey(source: source.description) }
        try await database.write { connection in
            // Waits for every transaction that seals under the old key; whoever comes later sees the new one.
            guard try connection.run("UPDATE vault_keys SET is_primary = \(false) WHERE id = \(primary) AND is_primary = \(true)") == 1 else {
                throw VaultError.keyMissing(needed: try Self.primaryKey(connection, ""), held: ring.keys.map(\.id), source: self.source.description)
            }
            try connection.run("INSERT INTO vault_keys (id, is_primary, created_at) VALUES (\(new), \(true), \(now))")
        }
        return new
    }

    private func rewrap(after from: Position, to key: String, limit: Int) async throws -> Batch {
        try await write { rows in
            guard rows.sealer.primary.id == key else { throw VaultError.alreadyInitialised(key: rows.sealer.primary.id) }
            let found = try rows.connection.rows(
                """
                SELECT kind, tenant, name, key_id, wrapped_key, sealed FROM vault_secrets
                WHERE (kind, tenant, name) > (\(from.kind), \(from.tenant), \(from.name)) AND key_id <> \(key)
                ORDER BY kind, tenant, name LIMIT \(limit)\(SQL.lockingRow)
                """)
            var batch = Batch()
            for row in found {
                let position = Position(kind: try row.get("kind"), tenant: try row.get("tenant"), name: try row.get("name"))
                batch.last = position
                let name = "\(position.kind) \(position.tenant) \(position.name)"
                guard let kind = SecretKind(rawValue: position.kind) else {
                    batch.damaged.append(name)
                    continue
                }
                let address = SecretAddress(kind: kind, tenant: position.tenant, name: position.name)
                do {
                    let value = try rows.sealer.rewrap(try SealedValue(row), at: address)
                    try rows.connection.run(
                        """
                        UPDATE vault_secrets SET key_id = \(value.keyID), wrapped_key = \(value.wrappedKey)
                        WHERE \(SecretRows.matching(address))
                        """)
                    batch.rewrapped += 1
                } catch VaultError.damaged {
                    // One that cannot be opened holds back no other.
                    batch.damaged.append(name)
                }
            }
            return batch
        }
    }

    private func retire(allBut key: String) async throws -> [String] {
        let now = environment.clock.now()
        return try await database.write { connection in
            try connection.rows(
                """
                UPDATE vault_keys SET retired_at = \(now) WHERE id <> \(key) AND retired_at IS NULL
                AND NOT EXISTS (SELECT 1 FROM vault_secrets WHERE key_id = vault_keys.id) RETURNING id
                """
            ).map { try $0.get("id") }
        }
    }

    private func retiredKeys() async throws -> Set<String> {
        try await database.read { connection in
            Set(try connection.rows("SELECT id FROM vault_keys WHERE retired_at IS NOT NULL").map { try $0.get("id", as: String.self) })
        }
    }
}
