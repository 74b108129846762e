import MartletCore
import Synchronization

/// The topics that this process saw last.
final class TopicCache: Sendable {
    private let topics = Mutex(Topics())
    private let caller: Caller
    private let tails: IDTails
    private static let triesMax = 100

    init(_ caller: Caller, random: any RandomSource) {
        self.caller = caller
        tails = IDTails(random)
    }

    func reload() async throws(StoreError) {
        guard let parts = try await caller.call(.triggers).elements, parts.count == 2, let revision = parts[0].int else { throw .unreadable }
        let fresh = Topics(revision: revision, try TriggerState.all(parts[1]))
        topics.withLock { $0 = fresh }
    }

    /// Calls a function that may append events; where other topics are in force than were known here, once more with those.
    /// - Parameter arguments: writes the rows, and answers how many triggers may fire.
    func change(
        _ function: FunctionName, capacity: Int, _ rows: (Topics) -> (packed: [[UInt8]], draws: Int)
    ) async throws(StoreError) -> [RESPValue] {
        for _ in 0..<Self.triesMax {
            let known = topics.withLock { $0 }
            let (packed, draws) = rows(known)
            let drawn = tails.take(draws)
            let transition = try await caller.change(function, capacity: capacity) { command in
                var head = PackWriter(capacity: 16 + 10 * draws)
                head.add(known.revision)
                head.add(bytes: drawn.flatMap { $0 })
                command.add(head.bytes)
                for row in packed { command.add(row) }
            }
            switch transition {
            case .done(_, let answer):
                guard let parts = answer.elements, parts.count == 2, let used = parts[0].int, let answers = parts[1].elements else {
                    throw .unreadable
                }
                tails.giveBack(drawn.dropFirst(used))
                return answers
            case .refused:
                tails.giveBack(drawn)
                try await reload()
            }
        }
        throw .unavailable(reason: "the topic triggers keep changing", mayHaveHappened: false)
    }
}
