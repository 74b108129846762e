import MartletCore

/// A sort of store under test.
public struct StoreFactory: Sendable, CustomStringConvertible {
    public let name: String
    /// Makes an empty store that shares nothing with any other.
    public let make: @Sendable (Environment) async throws -> any Store

    public init(name: String, make: @escaping @Sendable (Environment) async throws -> any Store) {
        self.name = name
        self.make = make
    }

    public static let memory = StoreFactory(name: "MemoryStore") { MemoryStore(environment: $0) }

    public var description: String { name }

    /// Runs one check on a fresh store, then audits the store where it can be audited.
    public func run(_ check: Check) async throws {
        let clock = ManualClock()
        let store = try await make(Environment(clock: clock, random: SeededRandom(seed: 1)))
        try await check.run(store, clock)
        try await Self.audit(store)
    }

    /// - Throws: a `Violation` with everything that is wrong in the state of a `MemoryStore`; other stores cannot be audited.
    static func audit(_ store: any Store) async throws {
        guard let memory = store as? MemoryStore else { return }
        let faults = await memory.audit()
        guard faults.isEmpty else { throw Violation(faults.joined(separator: "; ")) }
    }
}
