import MartletCore

/// The two stores and their clock.
struct DifferentialStage {
    let clock = ManualClock()
    let reference: MemoryStore
    let subject: any Store

    init(seed: UInt64, subject: StoreFactory) async throws {
        reference = MemoryStore(environment: Environment(clock: clock, random: SeededRandom(seed: seed)))
        self.subject = try await subject.make(Environment(clock: clock, random: SeededRandom(seed: seed)))
    }

    func play(_ operation: StoreOperation) async throws -> (reference: StoreAnswer, subject: StoreAnswer) {
        if case .wait(let duration) = operation {
            if duration < .zero { clock.set(clock.now() + duration) } else { clock.advance(by: duration) }
        }
        let answers = (await operation.answer(of: reference), await operation.answer(of: subject))
        try await StoreFactory.audit(reference)
        return answers
    }

    /// Everything that can be read: jobs with their steps, streams, and the overview.
    func readBack() async throws -> Difference? {
        var operations: [StoreOperation] = [.overview, .list(JobQuery())]
        guard case .listed(let records) = await StoreOperation.list(JobQuery()).answer(of: reference) else { return nil }
        operations += records.map { .look($0.id) }
        let streams = OperationGenerator.streams + OperationGenerator.adoptedStreams + records.map { StreamName.job($0.id) }
        operations += streams.map { .read($0, after: 0, limit: Limits.eventPageMax) }
        for operation in operations {
            let answers = try await play(operation)
            if let difference = Difference(answers.reference, answers.subject) { return difference }
        }
        return nil
    }
}
