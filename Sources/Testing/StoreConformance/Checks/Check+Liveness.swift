import MartletCore

extension Check {
    static let liveness: [Check] = [
        Check("a node that shows no life loses its jobs, which are due at once", 1, 2, 10) { scene in
            let job = try await scene.start(scene.job(), node: "dead")
            scene.clock.advance(by: .seconds(10) - .microseconds(1))
            try scene.same(try await scene.claim(node: "other").count, 0, "jobs handed out a moment early")
            scene.clock.advance(by: .microseconds(1))
            let again = try await scene.claimOne(node: "other")
            try scene.same(again.job.id, job.job.id, "the job")
            try scene.same([again.job.epoch, again.job.attempt, again.job.deaths], [2, 2, 1], "epoch, attempt, deaths")
            try scene.same(again.job.dueAt, scene.clock.now(), "dueAt")
        },
        Check("a lost lease writes nothing more", 2) { scene in
            let lost = try await scene.start(scene.job(), node: "dead")
            scene.clock.advance(by: .seconds(11))
            let current = try await scene.claimOne(node: "other")
            let before = try await scene.detail(lost.job.id)
            let settled = try await scene.settle(Settlement(lost.lease, .succeeded(result: nil), steps: [NewStep(name: "s", result: 1)]))
            try scene.same(settled, .refused(.leaseLost(lost.lease)), "settle")
            let error = try await scene.refusal("a step") { () throws(StoreError) in
                try await scene.store.record([NewStep(name: "s", result: 1)], under: lost.lease)
            }
            try scene.same(error, .leaseLost(lost.lease), "record")
            let event = NewEvent(stream: "s", type: "e", data: .null, lease: lost.lease)
            try scene.same(try await scene.store.append([event]), [.refused(.leaseLost(lost.lease))], "append")
            let renewal = try await scene.store.renew(Heartbeat(node: NodeID("dead"), leases: [lost.lease, current.lease]))
            try scene.same(renewal.leases, [.lost, .held], "renew")
            try scene.same(try await scene.detail(lost.job.id), before, "the job")
            try scene.same(try await scene.store.read("s", after: 0, limit: 10).last, 0, "events written")
        },
        Check("a lease that nobody ever held writes nothing", 2) { scene in
            let ready = try await scene.accept(scene.job())
            for lease in [Lease(job: ready.id, epoch: 0), Lease(job: ready.id, epoch: 1), Lease(job: scene.id(), epoch: 1)] {
                let answer = try await scene.settle(Settlement(lease, .succeeded(result: nil)))
                try scene.same(answer, .refused(.leaseLost(lease)), "settle")
            }
            let running = try await scene.claimOne()
            let future = Lease(job: ready.id, epoch: running.job.epoch + 1)
            try scene.same(try await scene.settle(Settlement(future, .released)), .refused(.leaseLost(future)), "an epoch to come")
            try scene.same(try await scene.record(ready.id), running.job, "the job")
        },
        Check("a node that renews keeps its jobs", 10) { scene in
            let job = try await scene.start(scene.job())
            for _ in 0..<5 {
                scene.clock.advance(by: .seconds(9))
                _ = try await scene.store.renew(Heartbeat(node: NodeID("node")))
            }
            try scene.same(try await scene.claim(node: "other").count, 0, "jobs for another node")
            try await scene.end(job)
        },
        Check("the jobs of a departed node are due at once", 10) { scene in
            let job = try await scene.start(scene.job(), node: "gone")
            let renewal = try await scene.store.renew(Heartbeat(node: NodeID("node"), departed: [NodeID("gone"), NodeID("never")]))
            try scene.same(renewal.nodes, [NodeID("node")], "nodes with a row")
            try scene.same(try await scene.claimOne().job.id, job.job.id, "the job")
        },
        Check("a node that takes its leave is forgotten, unless it holds work") { scene in
            _ = try await scene.store.renew(Heartbeat(node: NodeID("idle")))
            let job = try await scene.start(scene.job(), node: "busy")
            let busy = try await scene.store.renew(Heartbeat(node: NodeID("busy"), isLast: true))
            try scene.same(busy.nodes, [NodeID("busy"), NodeID("idle")], "nodes")
            let idle = try await scene.store.renew(Heartbeat(node: NodeID("idle"), isLast: true))
            try scene.same(idle.nodes, [NodeID("busy")], "nodes")
            try scene.same(idle.generation, 0, "generation of a node without a row")
            try await scene.end(job)
            let last = try await scene.store.renew(Heartbeat(node: NodeID("busy"), isLast: true))
            try scene.same(last.nodes, [], "nodes")
        },
        Check("an idle node is forgotten without a death") { scene in
            let job = try await scene.start(scene.job())
            try await scene.end(job, .released)
            scene.clock.advance(by: .seconds(11))
            try scene.same(try await scene.claimOne(node: "other").job.deaths, 0, "deaths")
            try scene.same(try await scene.store.overview().nodes.map(\.id), [NodeID("other")], "nodes")
        },
        Check("a node is told by its generation that it was declared dead") { scene in
            try await scene.accept(scene.jobs(2))
            let first = try await scene.claimed(1)
            let renewed = try await scene.store.renew(Heartbeat(node: NodeID("node")))
            try scene.same(renewed.generation, first.generation, "generation while alive")
            scene.clock.advance(by: .seconds(11))
            let back = try await scene.store.renew(Heartbeat(node: NodeID("node")))
            try scene.expect(back.generation != first.generation && back.generation != 0, "a new generation")
            let claimed = try await scene.claimed(1)
            try scene.same(claimed.generation, back.generation, "generation of the claim after that")
        },
        Check("single leases end one by one, and a renewal extends those it names", 2, 10) { scene in
            try await scene.accept(scene.jobs(2))
            let claimed = try await scene.claimed(2, shares: false)
            try scene.same(claimed.generation, 0, "generation")
            let (kept, lost) = (try claimed.jobs.at(0), try claimed.jobs.at(1))
            scene.clock.advance(by: .seconds(9))
            let renewal = try await scene.store.renew(Heartbeat(node: NodeID("node"), leases: [kept.lease]))
            try scene.same(renewal.leases, [.held], "leases")
            scene.clock.advance(by: .seconds(1))
            try scene.same(try await scene.settle(Settlement(lost.lease, .released)), .refused(.leaseLost(lost.lease)), "an expired lease")
            try scene.same(try await scene.claim(node: "other").map(\.job.id), [lost.job.id], "jobs for another node")
            try await scene.end(kept)
        },
        Check("who holds a job is told that it should stop", 2) { scene in
            let shared = try await scene.start(scene.job())
            let single = try await scene.start(scene.job(), shares: false)
            for job in [shared, single] {
                let asked = try await scene.store.cancel(job.job.id)
                try scene.expect(asked.isCancelRequested && asked.phase == .running, "a running job is asked to stop")
            }
            let renewal = try await scene.store.renew(Heartbeat(node: NodeID("node"), leases: [single.lease]))
            try scene.same(renewal.leases, [.cancelRequested], "leases")
            try scene.same(renewal.cancelRequested, [shared.lease], "jobs that live by the node")
        },
    ]
}
