extension JobContext {
    /// Computes something at most once per job: its result is stored, and every later attempt gets the stored one back.
    ///
    /// The result is durable when this returns. The body may run again only if the process died before its result was stored; for an outside
    /// effect that must not happen twice use `effect`. The key is `name`, or `name#2`, `name#3` … where a handler uses a name again.
    public func step<T: Codable & Sendable>(_ name: String, _ body: () async throws -> T) async throws -> T {
        let (key, stored) = try next(name)
        if let stored, stored.state == .done { return try PayloadCoding.decode(T.self, from: stored.result) }
        let result = try PayloadCoding.encode(try await body())
        return try PayloadCoding.decode(T.self, from: try await record(NewStep(name: key, result: result)).result)
    }

    /// A step that has no result.
    public func step(_ name: String, _ body: () async throws -> Void) async throws {
        let (key, stored) = try next(name)
        if let stored, stored.state == .done { return }
        try await body()
        _ = try await record(NewStep(name: key, result: .null))
    }

    /// What a reconciler found out about an effect that was begun and never reported back.
    public enum Reconciliation<T: Sendable>: Sendable {
        case done(T)
        case notDone
        /// It cannot be told. The job fails, for a person to find out; it is never repeated blindly.
        case unknown
    }

    /// Does something outside that must not happen twice (invariant 13): the intent is recorded before `body` runs. Where a later attempt finds
    /// the intent without an outcome, it asks `reconcile` whether it happened, and runs `body` again only on `notDone`.
    public func effect<T: Codable & Sendable>(
        _ name: String, reconcile: () async throws -> Reconciliation<T>, _ body: () async throws -> T
    ) async throws -> T {
        let (key, stored) = try next(name)
        if let stored, stored.state == .done { return try PayloadCoding.decode(T.self, from: stored.result) }
        if stored == nil {
            _ = try await record(NewStep(name: key, state: .intended, result: .null))
        } else {
            switch try await reconcile() {
            case .done(let value): return try await finish(key, value)
            case .notDone: break
            case .unknown: throw JobError.effectUnknown(name)
            }
        }
        return try await finish(key, try await body())
    }

    private func finish<T: Codable & Sendable>(_ key: String, _ value: T) async throws -> T {
        let step = try await record(NewStep(name: key, result: try PayloadCoding.encode(value)))
        return try PayloadCoding.decode(T.self, from: step.result)
    }
}
