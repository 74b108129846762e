import Database
import MartletCore

extension Transition {
    private static let keyByName = Query("SELECT job, expires FROM keys WHERE tenant = ? AND name = ?")
    private static let setKey = Query("INSERT OR REPLACE INTO keys (tenant, name, job, scope, expires) VALUES (?, ?, ?, ?, ?)")
    private static let releaseKey = Query("DELETE FROM keys WHERE tenant = ? AND name = ? AND job = ? AND scope = 0")

    func key(_ name: String, of tenant: String) throws -> KeyRow? {
        try connection.prepare(Self.keyByName).bind(tenant).bind(name).first { KeyRow(job: try $0.id(0), expiresAt: $0.optionalTime(1)) }
    }

    /// Gives the key to a job; a window is counted from `start`, or from now.
    func setKey(_ name: String, of tenant: String, job: JobID, _ scope: IdempotencyKey.Scope, since start: Timestamp? = nil) throws {
        let statement = try connection.prepare(Self.setKey).bind(tenant).bind(name).bind(job).bind(KeyScope(scope).rawValue)
        if case .window(let span) = scope { statement.bind((start ?? now) + span) } else { statement.bindNull() }
        try statement.run()
    }

    /// Frees the key of a job that has finished, where it was held only until then.
    func releaseKey(_ name: String, of tenant: String, job: JobID) throws {
        try connection.prepare(Self.releaseKey).bind(tenant).bind(name).bind(job).run()
    }
}
