import MartletCore

extension Check {
    static let buckets: [Check] = [
        Check("a bucket never holds less than nothing, and fills at its rate", 8) { scene in
            let rate = Rate(count: 10, per: .seconds(10), burst: 5)
            func take(_ count: Int) async throws -> TakeResult { try await scene.store.take(count, from: "b", rate) }
            try scene.same(try await take(3), .taken, "three of five")
            try scene.same(try await take(3), .wait(.seconds(1)), "three of two")
            try scene.same(try await take(2), .taken, "two of two")
            try scene.same(try await take(1), .wait(.seconds(1)), "one of none")
            scene.clock.advance(by: .milliseconds(600))
            try scene.same(try await take(1), .wait(.milliseconds(400)), "one of a part")
            scene.clock.advance(by: .milliseconds(400))
            try scene.same(try await take(1), .taken, "one of one")
            scene.clock.advance(by: .seconds(3600))
            try scene.same(try await take(5), .taken, "a full bucket")
            try scene.same(try await take(1), .wait(.seconds(1)), "no more than full")
            try scene.same(try await scene.store.take(5, from: "other", rate), .taken, "another bucket")
        },
        Check("more than a bucket can ever hold is refused", 8) { scene in
            let rate = Rate(count: 10, per: .seconds(10), burst: 5)
            for count in [6, -1] {
                let error = try await scene.refusal("a take") { () throws(StoreError) in try await scene.store.take(count, from: "b", rate) }
                guard case .invalid = error else { throw Violation("\(error), should be invalid") }
            }
            try scene.same(try await scene.store.take(5, from: "b", rate), .taken, "all of it")
        },
        Check("many that take at once get no more than there is", 8) { scene in
            let rate = Rate(count: 10, per: .seconds(10))
            let taken = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<40 {
                    group.addTask { try await scene.store.take(1, from: "b", rate) == .taken ? 1 : 0 }
                }
                return try await group.reduce(0, +)
            }
            try scene.same(taken, 10, "taken")
        },
    ]
}
