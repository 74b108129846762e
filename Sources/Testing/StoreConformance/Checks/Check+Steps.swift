import MartletCore

extension Check {
    static let steps: [Check] = [
        Check("a step is written once", 4) { scene in
            let job = try await scene.start(scene.job())
            let first = try await scene.store.record([NewStep(name: "s", result: 1)], under: job.lease)
            try scene.same(first, [Step(name: "s", state: .done, result: Payload(1), recordedAt: scene.clock.now())], "the first answer")
            scene.clock.advance(by: .seconds(1))
            let second = try await scene.store.record([NewStep(name: "s", result: 2), NewStep(name: "t", result: 3)], under: job.lease)
            try scene.same(second.map(\.result.text), ["1", "3"], "the second answer")
            let intended = try await scene.store.record([NewStep(name: "s", state: .intended, result: 4)], under: job.lease)
            try scene.same(intended, first, "the answer to an intent")
            try scene.same(try await scene.detail(job.job.id).steps, second, "the steps kept")
        },
        Check("an intent is kept until its outcome is known", 4, 13) { scene in
            let job = try await scene.start(scene.job())
            let intent = try await scene.store.record([NewStep(name: "s", state: .intended, result: 1)], under: job.lease)
            try scene.same(intent.map(\.state), [.intended], "state")
            scene.clock.advance(by: .seconds(1))
            let again = try await scene.store.record([NewStep(name: "s", state: .intended, result: 2)], under: job.lease)
            try scene.same(again, intent, "a second intent")
            try await scene.end(job, .released)
            let next = try await scene.claimOne()
            try scene.same(next.steps, intent, "what the next attempt sees")
            let done = try await scene.store.record([NewStep(name: "s", result: 3)], under: next.lease)
            try scene.same(done, [Step(name: "s", state: .done, result: Payload(3), recordedAt: scene.clock.now())], "the outcome")
            try scene.same(try await scene.detail(job.job.id).steps, done, "the steps kept")
        },
        Check("steps are recorded all or none", 4, 9) { scene in
            let job = try await scene.start(scene.job())
            for bad in [NewStep(name: "", result: 2), NewStep(name: "big", result: scene.oversized)] {
                let error = try await scene.refusal("the steps") { () throws(StoreError) in
                    try await scene.store.record([NewStep(name: "s", result: 1), bad], under: job.lease)
                }
                try scene.same(error, bad.fault, "the error")
            }
            try scene.same(try await scene.detail(job.job.id).steps, [], "the steps kept")
        },
        Check("steps are kept while a job is retried, and after it has finished", 4, 10) { scene in
            let job = try await scene.start(scene.job())
            let steps = try await scene.store.record([NewStep(name: "s", result: 1)], under: job.lease)
            try await scene.end(job, .failed(Failure(kind: "x", message: ""), retryAfter: .zero))
            let again = try await scene.claimOne()
            try scene.same(again.steps, steps, "what the retry sees")
            try await scene.end(again)
            try scene.same(try await scene.detail(job.job.id).steps, steps, "after the end")
        },
    ]
}
