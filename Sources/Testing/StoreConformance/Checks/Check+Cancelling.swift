import MartletCore

extension Check {
    static let cancelling: [Check] = [
        Check("a job that does not run is cancelled at once") { scene in
            let ready = try await scene.accept(scene.job { $0.due = .after(.seconds(60)) })
            let waiting = try await scene.start(scene.job())
            try await scene.end(waiting, .waiting(Wait(.event(stream: "s", type: "e", after: 0), step: "w", deadline: .seconds(60))))
            for id in [ready.id, waiting.job.id] {
                let record = try await scene.store.cancel(id)
                try scene.same(record.phase, .finished, "phase")
                try scene.same(record.outcome, .cancelled, "outcome")
                try scene.same(record.finishedAt, scene.clock.now(), "finishedAt")
                try scene.same(record.wait, nil, "wait")
                try scene.same(try await scene.record(id), record, "the job kept")
            }
            try await scene.append("e", to: "s")
            scene.clock.advance(by: .seconds(61))
            try scene.same(try await scene.claim().count, 0, "jobs due")
        },
        Check("a running job is asked to stop, as often as one likes", 2) { scene in
            let job = try await scene.start(scene.job())
            let first = try await scene.store.cancel(job.job.id)
            try scene.same(first.phase, .running, "phase")
            try scene.expect(first.isCancelRequested, "the request is kept")
            try scene.same(try await scene.store.cancel(job.job.id), first, "a second request")
            try scene.same(try await scene.settle(Settlement(job.lease, .cancelled(reason: nil))), .settled(.finished, .cancelled), "the end")
        },
        Check("what does not exist can be neither cancelled nor revived") { scene in
            let id = scene.id()
            let cancel = try await scene.refusal("a cancel") { () throws(StoreError) in try await scene.store.cancel(id) }
            let revive = try await scene.refusal("a revive") { () throws(StoreError) in try await scene.store.revive(id) }
            for error in [cancel, revive] {
                guard case .notFound = error else { throw Violation("\(error), should be notFound") }
            }
        },
        Check("a job that is not finished cannot be revived", 3) { scene in
            let job = try await scene.accept(scene.job())
            func phaseOfRefusal() async throws -> StoreError {
                try await scene.refusal("a revive") { () throws(StoreError) in try await scene.store.revive(job.id) }
            }
            try scene.same(try await phaseOfRefusal(), .wrongPhase(job.id, .ready), "while ready")
            let claimed = try await scene.claimOne()
            try scene.same(try await phaseOfRefusal(), .wrongPhase(job.id, .running), "while running")
            try await scene.end(claimed, .waiting(Wait(.event(stream: "s", type: "e", after: 0), step: "w")))
            try scene.same(try await phaseOfRefusal(), .wrongPhase(job.id, .waiting), "while waiting")
        },
        Check("a revived job starts afresh, with its steps and its epoch", 1, 3, 4) { scene in
            let job = scene.job { $0.maxAttempts = 1 }
            try await scene.accept(job)
            try await scene.die(holding: 1, node: "n1")
            let claimed = try await scene.claimOne()
            _ = try await scene.store.cancel(job.id)
            try await scene.end(
                claimed, .failed(Failure(kind: "x", message: "y"), retryAfter: nil), steps: [NewStep(name: "s", result: 1)])
            scene.clock.advance(by: .seconds(5))
            let revived = try await scene.store.revive(job.id)
            try scene.same(revived.phase, .ready, "phase")
            try scene.same([revived.attempt, revived.deaths, revived.epoch, revived.settledEpoch], [0, 0, 2, 2], "numbers")
            try scene.same(revived.dueAt, scene.clock.now(), "dueAt")
            try scene.expect(revived.outcome == nil && revived.finishedAt == nil && revived.error == nil && revived.result == nil, "no end")
            try scene.expect(!revived.isCancelRequested, "no request to stop")
            let again = try await scene.claimOne()
            try scene.same(again.steps.map(\.name), ["s"], "steps")
            try scene.same([again.job.attempt, again.job.epoch], [1, 3], "attempt and epoch")
            try await scene.end(again)
        },
    ]
}
