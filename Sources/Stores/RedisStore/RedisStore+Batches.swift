import MartletCore

/// The calls that many share.
extension RedisStore {
    /// Jobs without faults.
    static func enqueue(_ jobs: [NewJob], _ caller: Caller) async throws(StoreError) -> [Enqueued] {
        let packed = jobs.map(JobCoding.init)
        let transition = try await caller.change(.enqueue, capacity: packed.reduce(0) { $0 + $1.byteCount }) { command in
            for job in packed { job.add(to: &command) }
        }
        guard case .done(let now, let answer) = transition, let exceptions = answer.elements else { throw .unreadable }
        var answers = jobs.map { Enqueued.accepted(JobRecord(accepting: $0, at: now)) }
        for exception in exceptions {
            guard let parts = exception.elements, parts.count == 2, let number = parts[0].int, jobs.indices.contains(number - 1) else {
                throw .unreadable
            }
            answers[number - 1] = try EnqueueReading.decode(parts[1], jobs[number - 1])
        }
        return answers
    }

    static func settle(_ settlements: [Settlement], _ topics: TopicCache) async throws(StoreError) -> [SettleResult] {
        let size = settlements.reduce(0) { $0 + SettlementCoding.size($1) }
        let answers = try await topics.change(.settle, capacity: size) { topics in
            var draws = 0
            let packed = settlements.map { SettlementCoding.encode($0, topics, draws: &draws) }
            return (packed, draws)
        }
        guard answers.count == settlements.count else { throw .unreadable }
        var results: [SettleResult] = []
        results.reserveCapacity(answers.count)
        for (settlement, answer) in zip(settlements, answers) { results.append(try result(answer, settlement)) }
        return results
    }

    private static func result(_ answer: RESPValue, _ settlement: Settlement) throws(StoreError) -> SettleResult {
        switch answer.int {
        case .some(-1): return .refused(.leaseLost(settlement.lease))
        case .some(-2): return .refused(settlement.fault ?? .leaseLost(settlement.lease))
        case let number?:
            let mark = try Mark(stored: number % 10)
            return number < 10 ? .settled(mark.phase, mark.outcome) : .alreadySettled(mark.phase, mark.outcome)
        case nil:
            guard let parts = answer.elements, parts.count == 3, let number = parts[0].int, let code = parts[1].int,
                settlement.children.indices.contains(number - 1)
            else { throw .unreadable }
            return .refused(try EnqueueReading.refusal(code, parts[2], nil, settlement.children[number - 1]))
        }
    }

    static func record(_ groups: [StepGroup], _ caller: Caller) async throws(StoreError) -> [Result<[Step], StoreError>] {
        let answer = try await caller.answer(.record, capacity: groups.reduce(0) { $0 + $1.size }) { command in
            for group in groups { command.add(group.packed) }
        }
        guard let answers = answer.elements, answers.count == groups.count else { throw .unreadable }
        var results: [Result<[Step], StoreError>] = []
        for (group, answer) in zip(groups, answers) { results.append(try steps(answer, group)) }
        return results
    }

    private static func steps(_ answer: RESPValue, _ group: StepGroup) throws(StoreError) -> Result<[Step], StoreError> {
        guard let parts = answer.elements, let code = parts.first?.int else { throw .unreadable }
        switch code {
        case 0:
            guard parts.count == group.steps.count + 1 else { throw .unreadable }
            var steps: [Step] = []
            for (asked, stored) in zip(group.steps, parts.dropFirst()) {
                guard let buffer = stored.buffer else { throw .unreadable }
                steps.append(try JobReading.step(asked.name, buffer).step)
            }
            return .success(steps)
        case -2: return .failure(group.fault ?? .leaseLost(group.lease))
        default: return .failure(.leaseLost(group.lease))
        }
    }

    /// Events without faults.
    static func append(_ events: [NewEvent], _ topics: TopicCache) async throws(StoreError) -> [Appended] {
        let answers = try await topics.change(.append, capacity: events.reduce(0) { $0 + $1.data.utf8.count + 128 }) { topics in
            var draws = 0
            let packed = events.map { EventCoding.encode($0, topics, draws: &draws) }
            return (packed, draws)
        }
        guard answers.count == events.count else { throw .unreadable }
        var results: [Appended] = []
        for (event, answer) in zip(events, answers) {
            guard let sequence = answer.int else { throw .unreadable }
            if sequence > 0 {
                results.append(.at(sequence: sequence))
            } else if let lease = event.lease {
                results.append(.refused(.leaseLost(lease)))
            } else {
                throw .unreadable
            }
        }
        return results
    }
}
