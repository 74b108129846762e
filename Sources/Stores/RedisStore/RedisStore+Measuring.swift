import MartletCore

/// What a measurement needs besides the contract.
extension RedisStore {
    /// Bytes of the append-only file; grows with every write until Redis rewrites it.
    package func logBytes() async throws(StoreError) -> Int {
        let report = try await caller.send(RedisCommand("INFO", "persistence")).string ?? ""
        let line = report.split(whereSeparator: \.isNewline).first { $0.hasPrefix("aof_current_size:") }
        return line.flatMap { Int($0.drop { $0 != ":" }.dropFirst()) } ?? 0
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
