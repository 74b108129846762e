import MartletCore

extension Check {
    private static let failure = Failure(kind: "boom", message: "it broke")

    static let settling: [Check] = [
        Check("success keeps the result and clears the error", 3) { scene in
            let first = try await scene.start(scene.job())
            try await scene.end(first, .failed(failure, retryAfter: .zero))
            try scene.same(try await scene.record(first.job.id).error, failure, "error while it is retried")
            let second = try await scene.claimOne()
            scene.clock.advance(by: .seconds(2))
            let answer = try await scene.settle(
                Settlement(second.lease, .succeeded(result: Payload(["ok": true])), progress: Progress(fraction: 0.5, message: "half")))
            try scene.same(answer, .settled(.finished, .succeeded), "the answer")
            let record = try await scene.record(first.job.id)
            try scene.same(record.result, Payload(["ok": true]), "result")
            try scene.same(record.error, nil, "error")
            try scene.same(record.finishedAt, scene.clock.now(), "finishedAt")
            try scene.same(record.progress, Progress(fraction: 0.5, message: "half"), "progress")
            try scene.same([record.settledEpoch, record.attempt], [2, 2], "settledEpoch and attempt")
            try scene.same(record.node, NodeID("node"), "the last node")
        },
        Check("failure is retried while attempts are left, and then is final", 10) { scene in
            let job = scene.job { $0.maxAttempts = 2 }
            let first = try await scene.start(job)
            let answer = try await scene.settle(Settlement(first.lease, .failed(failure, retryAfter: .seconds(30))))
            try scene.same(answer, .settled(.ready, nil), "the first answer")
            try scene.same(try await scene.record(job.id).dueAt, scene.clock.now() + .seconds(30), "dueAt")
            try scene.same(try await scene.claim().count, 0, "jobs before that")
            scene.clock.advance(by: .seconds(30))
            let second = try await scene.claimOne()
            let last = try await scene.settle(Settlement(second.lease, .failed(failure, retryAfter: .seconds(30))))
            try scene.same(last, .settled(.finished, .failed), "the last answer")
            try scene.same(try await scene.record(job.id).error, failure, "error")
        },
        Check("a failure that is not to be retried is final at once") { scene in
            let job = try await scene.start(scene.job())
            try scene.same(try await scene.settle(Settlement(job.lease, .failed(failure, retryAfter: nil))), .settled(.finished, .failed), "")
        },
        Check("snoozes and shutdowns give the attempt back, never the epoch", 1, 10) { scene in
            let job = scene.job { $0.maxAttempts = 1 }
            let first = try await scene.start(job)
            try scene.same(try await scene.settle(Settlement(first.lease, .snoozed(for: .seconds(9)))), .settled(.ready, nil), "snoozed")
            try scene.same(try await scene.record(job.id).dueAt, scene.clock.now() + .seconds(9), "dueAt")
            scene.clock.advance(by: .seconds(9))
            let second = try await scene.claimOne()
            try scene.same([second.job.attempt, second.job.epoch], [1, 2], "attempt and epoch")
            try scene.same(try await scene.settle(Settlement(second.lease, .released)), .settled(.ready, nil), "released")
            let third = try await scene.claimOne()
            try scene.same([third.job.attempt, third.job.epoch], [1, 3], "attempt and epoch")
        },
        Check("a job that its handler cancels is finished, with the reason") { scene in
            let job = try await scene.start(scene.job())
            let answer = try await scene.settle(Settlement(job.lease, .cancelled(reason: "no longer wanted")))
            try scene.same(answer, .settled(.finished, .cancelled), "the answer")
            try scene.same(try await scene.record(job.job.id).error, Failure(kind: "cancelled", message: "no longer wanted"), "error")
        },
        Check("a settlement that is repeated changes nothing and says what stands", 2, 9) { scene in
            let job = try await scene.start(scene.job())
            let settlement = Settlement(
                job.lease, .succeeded(result: Payload(["v": 1])), events: [NewEvent(stream: "s", type: "e", data: .null)],
                children: [scene.job("child")])
            try scene.same(try await scene.settle(settlement), .settled(.finished, .succeeded), "the first answer")
            let before = try await scene.detail(job.job.id)
            var other = settlement
            other.disposition = .failed(failure, retryAfter: nil)
            for repeated in [settlement, other] {
                try scene.same(try await scene.settle(repeated), .alreadySettled(.finished, .succeeded), "the second answer")
            }
            try scene.same(try await scene.detail(job.job.id), before, "the job")
            try scene.same(try await scene.store.read("s", after: 0, limit: 10).last, 1, "events")
            try scene.same(try await scene.everyJob().count, 2, "jobs")
        },
        Check("a repeated settlement is known by its epoch after the job has moved on", 2) { scene in
            let first = try await scene.start(scene.job())
            let settlement = Settlement(first.lease, .failed(failure, retryAfter: .zero))
            _ = try await scene.settle(settlement)
            try scene.same(try await scene.settle(settlement), .alreadySettled(.ready, nil), "while it is ready")
            let second = try await scene.claimOne()
            try scene.same(try await scene.settle(settlement), .alreadySettled(.running, nil), "while it runs again")
            try await scene.end(second)
            try scene.same(try await scene.settle(settlement), .refused(.leaseLost(first.lease)), "after another has settled")
        },
        Check("two settlements of one lease in one batch are one", 2) { scene in
            let job = try await scene.start(scene.job())
            let batch = [Settlement(job.lease, .succeeded(result: nil)), Settlement(job.lease, .failed(failure, retryAfter: nil))]
            let answers = try await scene.store.settle(batch)
            try scene.same(answers, [.settled(.finished, .succeeded), .alreadySettled(.finished, .succeeded)], "the answers")
        },
        Check("finished is left by a revive alone", 3) { scene in
            let job = try await scene.start(scene.job())
            try await scene.end(job)
            let finished = try await scene.record(job.job.id)
            _ = try await scene.settle(Settlement(job.lease, .released))
            _ = try await scene.store.enqueue([scene.job { $0.key = IdempotencyKey("k", conflict: .replace) }])
            let error = try await scene.refusal("a cancel") { () throws(StoreError) in try await scene.store.cancel(job.job.id) }
            try scene.same(error, .wrongPhase(job.job.id, .finished), "cancel")
            scene.clock.advance(by: .seconds(86_400))
            _ = try await scene.store.renew(Heartbeat(node: NodeID("x"), departed: [NodeID("node")]))
            try scene.same(try await scene.record(job.job.id), finished, "the job")
            try scene.same(try await scene.store.revive(job.job.id).phase, .ready, "phase after a revive")
        },
    ]
}
