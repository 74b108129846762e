import MartletCore
import MartletHTTP
import Synchronization

/// Answers as the test says, and counts how often it was asked.
final class KeySetDouble: KeySetSource {
    enum Answer: Sendable {
        case body([UInt8])
        case failure
        /// Until it is cancelled.
        case silence
    }

    struct Down: Error {}

    private let clock: any EngineClock
    private let state = Mutex<(answer: Answer, asked: Int)>((.failure, 0))

    init(_ answer: Answer, clock: any EngineClock) {
        self.clock = clock
        state.withLock { $0.answer = answer }
    }

    var asked: Int { state.withLock { $0.asked } }

    func answer(_ answer: Answer) { state.withLock { $0.answer = answer } }

    func fetch(_ url: String, bytesMax: Int) async throws -> [UInt8] {
        let answer = state.withLock { state in
            state.asked += 1
            return state.answer
        }
        switch answer {
        case .body(let bytes): return bytes
        case .failure: throw Down()
        case .silence:
            try await clock.sleep(for: .seconds(1_000_000))
            throw Down()
        }
    }
}
