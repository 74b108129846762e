import MartletCore

/// What a measurement needs besides the contract.
extension RedisStore {
    /// Bytes of the append-only file; grows with every write until Redis rewrites it.
    package func logBytes() async throws(StoreError) -> Int {
        try await number(after: "aof_current_size:", in: "persistence")
    }

    /// Functions that have run, each of which is atomic.
    package func commits() async throws(StoreError) -> Int {
        try await number(after: "cmdstat_fcall:calls=", in: "commandstats")
    }

    private func number(after prefix: String, in section: String) async throws(StoreError) -> Int {
        let report = try await caller.send(RedisCommand("INFO", section)).string ?? ""
        let line = report.split(whereSeparator: \.isNewline).first { $0.hasPrefix(prefix) }
        return line.flatMap { Int($0.dropFirst(prefix.count).prefix { $0.isNumber }) } ?? 0
    }

    /// Removes the whole deployment, some keys at a time. Not while anybody works with it.
    package func erase() async throws(StoreError) {
        var cursor = "0"
        repeat {
            let page = try await caller.send(RedisCommand("SCAN", cursor, "MATCH", "\(caller.deployment.tag):*", "COUNT", "1000"))
            guard let parts = page.elements, parts.count == 2, let next = parts[0].string else { throw .unreadable }
            var command = RedisCommand("UNLINK")
            let keys = (parts[1].elements ?? []).compactMap(\.buffer)
            for key in keys { command.add(key) }
            if !keys.isEmpty { _ = try await caller.send(command) }
            cursor = next
        } while cursor != "0"
    }
}
