import MartletCore

extension Check {
    static let deaths: [Check] = [
        Check("a job that its node dies of three times is quarantined, and those beside it are not", 10) { scene in
            let jobs = scene.jobs(4)
            try await scene.accept(jobs)
            try await scene.die(holding: 4, node: "n1")
            try await scene.die(holding: 4, node: "n2")
            for job in jobs { try scene.same(try await scene.record(job.id).deaths, 2, "deaths after two common ones") }
            // All are suspects now, so each dies, or lives, alone.
            try await scene.die(holding: 1, node: "n3")
            let quarantined = try await scene.everyJob().filter { $0.phase == .finished }
            try scene.same(quarantined.map(\.id), [jobs[0].id], "jobs quarantined")
            try scene.same(quarantined.map(\.outcome), [.failed], "outcome")
            try scene.same(quarantined.map(\.error), [.crashed(3)], "error")
            try scene.same(quarantined.map(\.deaths), [3], "deaths")
            for job in jobs.dropFirst() { try scene.same(try await scene.record(job.id).deaths, 2, "deaths of the innocent") }
            try await scene.finishAll()
        },
        Check("a node runs one suspect at a time, beside any number of others") { scene in
            let suspects = scene.jobs(3)
            try await scene.accept(suspects)
            try await scene.die(holding: 3, node: "n1")
            try await scene.die(holding: 3, node: "n2")
            try await scene.accept(scene.jobs(2))
            let first = try await scene.claim()
            try scene.same(first.count { $0.job.isSuspect }, 1, "suspects of the first claim")
            try scene.same(first.count, 3, "jobs of the first claim")
            try scene.same(try await scene.claim().count, 0, "suspects beside a suspect")
            try scene.same(try await scene.claim(node: "other").count { $0.job.isSuspect }, 1, "suspects of another node")
            if let suspect = first.first(where: \.job.isSuspect) { try await scene.end(suspect) }
            try scene.same(try await scene.claim().count, 1, "suspects after that one")
        },
        Check("a death beside a suspect counts against the suspect alone") { scene in
            let suspect = try await scene.accept(scene.job())
            try await scene.die(holding: 1, node: "n1")
            try await scene.die(holding: 1, node: "n2")
            let beside = scene.jobs(3)
            try await scene.accept(beside)
            try await scene.die(holding: 4, node: "n3")
            for job in beside {
                let record = try await scene.record(job.id)
                try scene.same([record.deaths, record.attempt], [0, 1], "deaths and attempts of the innocent")
                try scene.same(record.phase, .ready, "phase")
            }
            try scene.same(try await scene.record(suspect.id).error?.kind, "crashed", "the suspect's error")
        },
        Check("a death never finishes a job for its attempts", 10) { scene in
            let job = try await scene.accept(scene.job { $0.maxAttempts = 1 })
            try await scene.die(holding: 1, node: "n1")
            try await scene.die(holding: 1, node: "n2")
            let again = try await scene.claimOne()
            try scene.same([again.job.attempt, again.job.epoch], [3, 3], "attempt and epoch")
            try await scene.end(again)
            try scene.same(try await scene.record(job.id).outcome, .succeeded, "outcome")
        },
        Check("a job that was asked to stop does not come back from a death") { scene in
            let job = try await scene.start(scene.job(), node: "n1")
            _ = try await scene.store.cancel(job.job.id)
            scene.clock.advance(by: .seconds(11))
            try scene.same(try await scene.claim().count, 0, "jobs handed out")
            let record = try await scene.record(job.job.id)
            try scene.same(record.outcome, .cancelled, "outcome")
            try scene.same(record.finishedAt, scene.clock.now(), "finishedAt")
        },
        Check("single leases of one node that end together are one death") { scene in
            let jobs = scene.jobs(3)
            try await scene.accept(jobs)
            for _ in 0..<2 {
                try scene.same(try await scene.claim(shares: false).count, 3, "jobs held")
                scene.clock.advance(by: .seconds(11))
            }
            _ = try await scene.claim(0)
            for job in jobs { try scene.same(try await scene.record(job.id).deaths, 2, "deaths") }
            try scene.same(try await scene.claim(shares: false).count, 1, "suspects at a time")
            try scene.same(try await scene.claim(shares: false).count, 0, "suspects beside a suspect")
        },
        Check("a job that is not started in time fails, and one that was started does not") { scene in
            let late = try await scene.accept(
                scene.job {
                    $0.queueTimeout = .seconds(5)
                    $0.due = .after(.seconds(10))
                })
            let started = try await scene.start(scene.job { $0.queueTimeout = .seconds(5) })
            scene.clock.advance(by: .seconds(15) - .microseconds(1))
            _ = try await scene.store.renew(Heartbeat(node: NodeID("other")))
            try scene.same(try await scene.record(late.id).phase, .ready, "phase a moment early")
            scene.clock.advance(by: .microseconds(1))
            _ = try await scene.store.renew(Heartbeat(node: NodeID("other")))
            let failed = try await scene.record(late.id)
            try scene.same(failed.outcome, .failed, "outcome")
            try scene.same(failed.error, .queueTimeout(.seconds(5)), "error")
            try scene.same(failed.attempt, 0, "attempts")
            try scene.expect(try await scene.record(started.job.id).phase != .finished, "a job that was started in time")
        },
    ]
}

extension Scene {
    /// A node claims so many jobs, and is never heard of again; its death is known before this returns.
    func die(holding count: Int, node: String) async throws {
        try same(try await claim(count, node: node).count, count, "jobs held at a death")
        clock.advance(by: .seconds(11))
        _ = try await claim(0, node: "sweeper")
    }
}
