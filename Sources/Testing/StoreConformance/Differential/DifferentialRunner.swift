import MartletCore

/// Holds a store against `MemoryStore`, operation by operation: random operations from a seed, one clock, equal sources of ids; every
/// answer must be the same, and everything that can be read back in the end.
public struct DifferentialRunner: Sendable {
    public let seed: UInt64
    public let operations: Int
    public let subject: StoreFactory

    /// How often the shrinking of a divergence tries again.
    private static let triesMax = 300

    public init(seed: UInt64, operations: Int, subject: StoreFactory) {
        self.seed = seed
        self.operations = operations
        self.subject = subject
    }

    /// - Throws: `Divergence` at the first difference, cut down to the operations that it takes; `Violation` where the reference itself
    ///   breaks an invariant.
    public func run() async throws {
        let stage = try await DifferentialStage(seed: seed, subject: subject)
        var generator = OperationGenerator(seed: seed, clock: stage.clock)
        var played: [StoreOperation] = []
        for index in 0..<operations {
            let operation = generator.next()
            played.append(operation)
            let answers = try await stage.play(operation)
            if let difference = Difference(answers.reference, answers.subject) {
                throw try await divergence(difference, at: index, after: played)
            }
            generator.learn(operation, answers.reference)
            if (index + 1).isMultiple(of: 50) || index + 1 == operations {
                if let difference = try await stage.readBack() { throw try await divergence(difference, at: index, after: played) }
            }
        }
    }

    private func divergence(_ difference: Difference, at index: Int, after played: [StoreOperation]) async throws -> Divergence {
        var (least, shown) = (played, difference)
        var (chunk, tries) = (max(1, played.count / 2), 0)
        while tries < Self.triesMax {
            var start = 0
            var isShorter = false
            while start < least.count, tries < Self.triesMax {
                var shorter = least
                shorter.removeSubrange(start..<min(start + chunk, least.count))
                tries += 1
                if let (prefix, found) = try await replay(shorter) {
                    (least, shown, isShorter) = (prefix, found, true)
                } else {
                    start += chunk
                }
            }
            if chunk == 1, !isShorter { break }
            chunk = max(1, chunk / 2)
        }
        return Divergence(seed: seed, index: index, operations: least, reference: shown.reference, subject: shown.subject)
    }

    /// Plays these operations anew; where the stores still differ, the operations up to there, and how.
    private func replay(_ operations: [StoreOperation]) async throws -> ([StoreOperation], Difference)? {
        let stage = try await DifferentialStage(seed: seed, subject: subject)
        for (index, operation) in operations.enumerated() {
            let answers = try await stage.play(operation)
            if let difference = Difference(answers.reference, answers.subject) { return (Array(operations[...index]), difference) }
        }
        return try await stage.readBack().map { (operations, $0) }
    }
}
