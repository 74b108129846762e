import MartletCore

/// What a server says of itself (`INFO`), as far as the store's promises hang on it.
struct ServerReport: Sendable, Hashable {
    let version: String
    let evicts: Bool
    let keepsLog: Bool

    init(info: String) {
        var fields: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        version = String(fields["redis_version"] ?? "")
        evicts = fields["maxmemory_policy"].map { $0 != "noeviction" } ?? false
        keepsLog = fields["aof_enabled"] == "1"
    }

    private var major: Int { version.split(separator: ".").first.flatMap { Int($0) } ?? 0 }

    /// - Throws: `corrupt` for a server that has no functions.
    func checkVersion() throws(StoreError) {
        guard major >= 7 else { throw .corrupt(reason: "Redis \(version) has no functions: Martlet needs 7.0 or later") }
    }

    /// What may lose work that was accepted, and what to do about it.
    var warnings: [String] {
        var found: [String] = []
        if evicts { found.append("Redis may evict keys, and jobs with them: set maxmemory-policy to noeviction") }
        if !keepsLog {
            found.append("Redis keeps no append-only file, and loses jobs when it restarts: set appendonly to yes")
        }
        return found
    }
}
