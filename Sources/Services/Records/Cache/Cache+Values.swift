import Foundation

extension Cache {
    /// The value under `key`, as JSON between the processes.
    /// - Throws: what `bytes(for:_:compute:)` throws; `CacheError.unreadable` where something of another form is kept under the key.
    public func value<Value: Codable & Sendable>(
        for key: String, as type: Value.Type = Value.self, _ policy: CachePolicy, compute: @escaping @Sendable () async throws -> Value?
    ) async throws -> Value? {
        let bytes = try await bytes(for: key, policy) {
            guard let value = try await compute() else { return nil }
            return Array(try JSONEncoder().encode(value))
        }
        guard let bytes else { return nil }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw CacheError.unreadable(cache: name, type: "\(type)")
        }
    }
}
