import MartletCore

extension Check {
    static let namedLeases: [Check] = [
        Check("a named lease has one owner at a time", 1, 2) { scene in
            let first = try await scene.store.acquire("lock", owner: "a", for: .seconds(10))
            try scene.same(first, .granted(epoch: 1), "the first")
            scene.clock.advance(by: .seconds(4))
            let other = try await scene.store.acquire("lock", owner: "b", for: .seconds(10))
            try scene.same(other, .held(by: "a", expiresIn: .seconds(6)), "another owner")
            let again = try await scene.store.acquire("lock", owner: "a", for: .seconds(10))
            try scene.same(again, .granted(epoch: 1), "the same owner")
            scene.clock.advance(by: .seconds(9))
            let still = try await scene.store.acquire("lock", owner: "b", for: .seconds(10))
            try scene.same(still, .held(by: "a", expiresIn: .seconds(1)), "after it was extended")
            try scene.same(try await scene.store.acquire("free", owner: "b", for: .seconds(1)), .granted(epoch: 1), "another name")
        },
        Check("the epochs of a name grow, over expiry and release", 1, 2) { scene in
            _ = try await scene.store.acquire("lock", owner: "a", for: .seconds(10))
            scene.clock.advance(by: .seconds(10))
            let second = try await scene.store.acquire("lock", owner: "a", for: .seconds(10))
            try scene.same(second, .granted(epoch: 2), "after it expired")
            try scene.same(try await scene.store.release("lock", epoch: 1), false, "a release of an old epoch")
            try scene.same(try await scene.store.release("never", epoch: 1), false, "a release of nothing")
            try scene.same(try await scene.store.release("lock", epoch: 2), true, "a release")
            try scene.same(try await scene.store.release("lock", epoch: 2), false, "a second release")
            let third = try await scene.store.acquire("lock", owner: "b", for: .seconds(10))
            try scene.same(third, .granted(epoch: 3), "after it was released")
            scene.clock.advance(by: .seconds(3600))
            _ = try await scene.store.prune(limit: 100, eventRetention: .seconds(1))
            let fourth = try await scene.store.acquire("lock", owner: "b", for: .seconds(10))
            try scene.same(fourth, .granted(epoch: 4), "after a prune")
        },
        Check("a lease for no time is refused") { scene in
            let error = try await scene.refusal("a lease") { () throws(StoreError) in
                try await scene.store.acquire("lock", owner: "a", for: .zero)
            }
            guard case .invalid = error else { throw Violation("\(error), should be invalid") }
        },
        Check("of many that ask for a lease, one gets it", 1) { scene in
            let granted = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<30 {
                    group.addTask {
                        if case .granted = try await scene.store.acquire("lock", owner: "o\(index)", for: .seconds(10)) { 1 } else { 0 }
                    }
                }
                return try await group.reduce(0, +)
            }
            try scene.same(granted, 1, "owners")
        },
    ]
}
