import MartletCore
import SQLiteStore
import Testing

@Suite struct DifferentialTests {
    @Test(arguments: 1...30) func `Gives the answers of the store in memory, call by call`(seed: Int) async throws {
        let file = StoreFile()
        let sqlite = try await file.open(seed: UInt64(seed))
        let memory = MemoryStore(environment: file.environment(seed: UInt64(seed)))
        var work = RandomWork(seed: UInt64(seed))
        for number in 1...400 {
            let call = work.next(at: file.clock.now())
            if case .pass(let span) = call { file.clock.advance(span) }
            let wanted = await Answers(store: memory).answer(call)
            let given = await Answers(store: sqlite).answer(call)
            try #require(given.text == wanted.text, "call \(number): \(call)")
            if let claimed = wanted.claimed { work.learn(claimed) }
            if case .put(_, let name) = call, let state = wanted.trigger { work.learn(state, name) }
            if case .fire(let plan) = call, var state = wanted.trigger ?? nil {
                state.nextSlot = plan.next
                work.learn(state, plan.trigger)
            }
            if number % 20 == 0 {
                let (a, b) = (try await Answers(store: sqlite).everything(), try await Answers(store: memory).everything())
                try #require(a == b, "after call \(number): \(call)")
            }
        }
        try await Recount(path: file.path).check()
        await sqlite.close()
    }
}
