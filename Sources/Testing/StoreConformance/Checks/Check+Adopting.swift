import MartletCore

extension Check {
    static let adopting: [Check] = adoptingJobs + adoptingAgain + adoptingEvents + adoptingTriggers

    private static let adoptingJobs: [Check] = [
        Check("a job with a history stands as it stood elsewhere, in whatever phase", 1, 3, 4) { scene in
            let made = scene.clock.now() - .seconds(3600)
            var expected: [JobDetail] = []
            for (index, history) in histories(made).enumerated() {
                let job = scene.job { job in
                    job.queue = "q\(index % 2)"
                    job.due = .at(made + .seconds(7200))
                    job.labels = ["a": "b"]
                    job.timeout = .seconds(5)
                    job.history = history
                }
                let record = try await scene.accept(job)
                try scene.same(record, JobRecord(accepting: job, at: scene.clock.now()), "what is answered")
                expected.append(JobDetail(job: record, steps: history.steps))
            }
            for detail in expected { try scene.same(try await scene.detail(detail.job.id), detail, "what is kept") }
            var query = JobQuery()
            query.isDetailed = true
            try scene.same(try await scene.store.jobs(query).details, expected.reversed(), "the page in detail")
            let counts = try await scene.store.overview().queues.reduce(Counts()) { $0 + $1.counts }
            try scene.same([counts.ready, counts.waiting, counts.succeeded, counts.failed, counts.cancelled], [1, 1, 1, 1, 1], "counts")
        },
        Check("an adopted job goes on from its epoch, its attempts and its steps", 1, 4) { scene in
            let made = scene.clock.now() - .seconds(60)
            let job = scene.job { job in
                job.due = .at(made)
                job.history = ready(made)
            }
            try await scene.accept(job)
            let claimed = try await scene.claimOne()
            try scene.same([claimed.job.epoch, claimed.job.attempt, claimed.job.deaths], [8, 4, 1], "epoch, attempt, deaths")
            try scene.same(claimed.steps, ready(made).steps, "steps")
            try await scene.end(claimed)
            try scene.same(try await scene.record(job.id).outcome, .succeeded, "its end")
        },
        Check("an adopted job that waits is released by its event, also by one that is there already", 9, 10) { scene in
            try await scene.append("before", to: "s")
            let waits = ["before", "after"].map { type in
                scene.job { job in
                    job.due = .at(.distantFuture)
                    job.history = asleep(.event(stream: "s", type: type, after: 0), at: scene.clock.now())
                }
            }
            try await scene.accept(waits)
            try scene.same(try await scene.record(waits[0].id).phase, .ready, "the wait for what is there")
            try scene.same(try await scene.detail(waits[0].id).steps.map(\.name), ["w"], "its step")
            try scene.same(try await scene.record(waits[1].id).phase, .waiting, "the other one")
            try await scene.append("after", to: "s")
            try scene.same(try await scene.record(waits[1].id).phase, .ready, "after its event")
        },
        Check("a deadline comes with the job that waits", 10) { scene in
            let job = scene.job { job in
                job.due = .at(scene.clock.now() + .seconds(30))
                job.history = asleep(.event(stream: "s", type: "x", after: 0), at: scene.clock.now())
            }
            try await scene.accept(job)
            scene.clock.advance(by: .seconds(31))
            let claimed = try await scene.claimOne()
            try scene.same(claimed.steps.map(\.result), [WaitResult.deadline.payload], "what the wait ended with")
        },
        Check("children and their parent may come in any order", 9, 10) { scene in
            let parent = scene.job { job in
                job.due = .at(.distantFuture)
                job.history = asleep(.children(group: "g"), at: scene.clock.now())
            }
            let children = scene.jobs(2) { $0.parent = NewJob.Parent(job: parent.id, group: "g") }
            var (done, open) = (children[0], children[1])
            done.history = finished(.failed, at: scene.clock.now())
            open.history = JobHistory(phase: .ready, createdAt: scene.clock.now())
            try await scene.accept([open, parent, done])
            try scene.same(try await scene.record(parent.id).phase, .waiting, "the parent")
            try await scene.end(try await scene.claimOne())
            let result = WaitResult.children(succeeded: 1, failed: 1, cancelled: 0)
            try scene.same(try await scene.detail(parent.id).steps.map(\.result), [result.payload], "what the wait ended with")
        },
        Check("a turn comes with the job that waits for it", 10) { scene in
            let first = scene.job { job in
                job.trigger = "t"
                job.history = JobHistory(phase: .ready, createdAt: scene.clock.now())
            }
            let second = scene.job { job in
                job.trigger = "t"
                job.due = .at(.distantFuture)
                job.history = asleep(.turn(trigger: "t"), step: nil, at: scene.clock.now())
            }
            try await scene.accept([second, first])
            let claimed = try await scene.claim()
            try scene.same(claimed.map(\.job.id), [first.id], "whose turn it is")
            try await scene.end(claimed[0])
            try scene.same(try await scene.claim().map(\.job.id), [second.id], "whose turn it is then")
        },
        Check("retention counts from the end that came with the job") { scene in
            let now = scene.clock.now()
            let ages: [Int64] = [1, 10, 5, 8, 3]
            let jobs = ages.map { days in
                scene.job { $0.history = finished(.succeeded, at: now - .seconds(days * 86_400)) }
            }
            try await scene.accept(jobs)
            try scene.same(try await scene.store.prune(limit: 100, eventRetention: .seconds(1)).jobs, 2, "removed")
            let left = try await scene.store.jobs(JobQuery()).jobs.map(\.id)
            try scene.same(Set(left), Set([jobs[0], jobs[2], jobs[4]].map(\.id)), "left")
            scene.clock.advance(by: .seconds(5 * 86_400))
            try scene.same(try await scene.store.prune(limit: 100, eventRetention: .seconds(1)).jobs, 2, "removed later")
        },
        Check("a history that cannot be is refused, and holds back no other job", 11) { scene in
            let now = scene.clock.now()
            var broken: [JobHistory] = [
                JobHistory(phase: .running, createdAt: now), JobHistory(phase: .finished, createdAt: now),
                JobHistory(phase: .waiting, createdAt: now),
                JobHistory(phase: .ready, outcome: .failed, createdAt: now),
            ]
            var history = JobHistory(phase: .ready, createdAt: now)
            history.attempt = 1
            broken.append(history)
            history = ready(now)
            history.steps += history.steps
            broken.append(history)
            let jobs = broken.map { history in scene.job { $0.history = history } }
            let good = scene.job { $0.history = JobHistory(phase: .ready, createdAt: now) }
            let answers = try await scene.store.enqueue(jobs + [good])
            for answer in answers.dropLast() {
                guard case .refused(.invalid) = answer else { throw Violation("\(answer), should be refused") }
            }
            guard case .accepted? = answers.last else { throw Violation("\(answers), the last should be accepted") }
            let claimed = try await scene.claimOne()
            let settled = try await scene.store.settle([Settlement(claimed.lease, .released, children: [scene.job { $0.history = ready(now) }])])
            guard case .refused(.invalid)? = settled.first else { throw Violation("\(settled), a child should have no history") }
        },
    ]

    private static let adoptingAgain: [Check] = [
        Check("adopting a job again changes nothing where its queue is served", 1, 3) { scene in
            let now = scene.clock.now()
            let job = scene.job { $0.history = ready(now) }
            let record = try await scene.accept(job)
            var later = job
            later.history?.attempt = 5
            later.history?.epoch = 9
            try scene.same(try await scene.store.enqueue([job, later]), Array(repeating: .duplicate(record, replaced: false), count: 2), "again")
            var other = later
            other.payload = Payload(["n": 2])
            try scene.same(try await scene.store.enqueue([other]), [.refused(.idTaken(job.id))], "other content")
            try scene.same(try await scene.record(job.id), record, "what is kept")
        },
        Check("a later state takes the place of a job that nobody can have had, and of no other", 1, 3, 4) { scene in
            let now = scene.clock.now()
            _ = try await scene.store.set("default", .paused(true))
            let job = scene.job { job in
                job.key = IdempotencyKey("k")
                job.history = ready(now)
            }
            try await scene.accept(job)
            var ended = job
            ended.payload = Payload(["n": 7])
            ended.labels = ["new": "yes"]
            ended.history = finished(.failed, at: now)
            let answers = try await scene.store.enqueue([ended, job])
            let record = JobRecord(accepting: ended, at: now)
            try scene.same(answers[0], .duplicate(record, replaced: true), "the later state")
            try scene.same(answers[1], .refused(.idTaken(job.id)), "the earlier one again")
            try scene.same(
                try await scene.detail(job.id), JobDetail(job: record, steps: ended.history?.steps ?? [], keyScope: .untilFinished), "kept")
            let counts = try await scene.store.overview().queues.map(\.counts)
            try scene.same(counts.map { [$0.ready, $0.failed, $0.total] }, [[0, 1, 1]], "counts")
            // Its key is free again.
            try await scene.accept(scene.job { $0.key = IdempotencyKey("k") })
            let stranger = scene.job { $0.history = ready(now) }
            try await scene.accept(stranger)
            var impostor = stranger
            impostor.history?.createdAt = now - .seconds(1)
            impostor.history?.epoch = 99
            guard case .duplicate(let kept, replaced: false) = try await scene.store.enqueue([impostor])[0] else {
                throw Violation("made at another time")
            }
            try scene.same(kept.epoch, 7, "its epoch")
        },
        Check("a job that was handed out here does not give way to what it was elsewhere", 1, 2) { scene in
            let now = scene.clock.now()
            let job = scene.job { job in
                job.due = .at(now)
                job.history = ready(now)
            }
            try await scene.accept(job)
            let claimed = try await scene.claimOne()
            _ = try await scene.store.set("default", .paused(true))
            for isSettled in [false, true] {
                if isSettled { _ = try await scene.store.settle([Settlement(claimed.lease, .snoozed(for: .seconds(60)))]) }
                let answers = try await scene.store.enqueue([job])
                guard case .duplicate(let kept, replaced: false)? = answers.first else { throw Violation("\(answers), should change nothing") }
                try scene.same(kept.epoch, 8, "its epoch")
            }
        },
        Check("a wait that is over elsewhere ends here, children and their counts included", 9, 10) { scene in
            let now = scene.clock.now()
            _ = try await scene.store.set("default", .paused(true))
            let parent = scene.job { job in
                job.due = .at(.distantFuture)
                job.history = asleep(.children(group: "g"), at: now)
            }
            let child = scene.job { job in
                job.parent = NewJob.Parent(job: parent.id, group: "g")
                job.history = JobHistory(phase: .ready, createdAt: now)
            }
            try await scene.accept([parent, child])
            var (woken, ended) = (parent, child)
            woken.due = .at(now)
            woken.history = ready(now)
            ended.history = finished(.cancelled, at: now)
            for answer in try await scene.store.enqueue([ended, woken]) {
                guard case .duplicate(_, replaced: true) = answer else { throw Violation("\(answer), should be replaced") }
            }
            _ = try await scene.store.set("default", .paused(false))
            let claimed = try await scene.claimOne()
            try scene.same(claimed.job.id, parent.id, "who is due")
            let wait = Wait(.children(group: "g"), step: "again")
            try scene.same(try await scene.store.settle([Settlement(claimed.lease, .waiting(wait))]), [.settled(.ready, nil)], "a wait for nobody")
            let result = WaitResult.children(succeeded: 0, failed: 0, cancelled: 1)
            try scene.same(try await scene.detail(parent.id).steps.last?.result, result.payload, "what it ended with")
        },
        Check("keys come along, for as long as they are kept") { scene in
            let now = scene.clock.now()
            func keyed(_ name: String, _ scope: IdempotencyKey.Scope, _ history: JobHistory) -> NewJob {
                scene.job { job in
                    job.key = IdempotencyKey(name, scope: scope)
                    job.history = history
                }
            }
            let end = finished(.succeeded, at: now)
            let kept = [
                keyed("open", .untilFinished, ready(now)), keyed("ever", .forever, end), keyed("span", .window(.seconds(7200)), end),
            ]
            let past = finished(.failed, at: now - .seconds(600))
            let free = [keyed("done", .untilFinished, end), keyed("past", .window(.seconds(60)), past), keyed("none", .window(.zero), end)]
            try await scene.accept(kept + free)
            for job in kept {
                let asks = scene.job { $0.key = IdempotencyKey(job.key?.name ?? "", conflict: .reject) }
                let answers = try await scene.store.enqueue([asks])
                try scene.same(answers, [.refused(.keyTaken(key: job.key?.name ?? "", by: job.id))], "a key that is kept")
                var foreign = keyed(job.key?.name ?? "", .forever, ready(now))
                foreign.key?.conflict = .replace
                let refused = try await scene.store.enqueue([foreign])
                try scene.same(refused, [.refused(.keyTaken(key: job.key?.name ?? "", by: job.id))], "one adopted with it")
                try scene.same(try await scene.detail(job.id).keyScope, job.key?.scope, "how long")
            }
            try scene.same(try await scene.detail(free[1].id).keyScope, .window(.zero), "a window that has ended")
            scene.clock.advance(by: .seconds(7201))
            for name in ["done", "past", "none", "span"] { try await scene.accept(scene.job { $0.key = IdempotencyKey(name) }) }
        },
        Check("an adopted job is never refused by a full queue") { scene in
            var policy = QueuePolicy()
            policy.highWater = 1
            _ = try await scene.store.set("default", .policy(policy))
            try await scene.accept(scene.jobs(20) { $0.history = JobHistory(phase: .ready, createdAt: scene.clock.now()) })
        },
    ]
}

extension Check {
    private static let adoptingEvents: [Check] = [
        Check("an event keeps its number and its time, and is written once", 5) { scene in
            let at = scene.clock.now() - .seconds(500)
            let events = (1...3).map { Event(stream: "s", sequence: $0, at: at + .seconds(Int64($0)), type: "e", data: Payload($0)) }
            for _ in 0..<2 {
                let answers = try await scene.store.append(events.map { NewEvent(adopting: $0) })
                try scene.same(answers, (1...3).map { .at(sequence: $0) }, "the answers")
            }
            try scene.same(try await scene.append("own", to: "s"), 4, "the next number")
            let page = try await scene.store.read("s", after: 0, limit: 10)
            try scene.same(Array(page.events.prefix(3)), events, "events")
            try scene.same([page.first, page.last], [1, 4], "first and last")
        },
        Check("a gap and another event's number are refused", 5) { scene in
            let now = scene.clock.now()
            func event(_ sequence: Int, _ data: Int) -> NewEvent {
                NewEvent(adopting: Event(stream: "s", sequence: sequence, at: now, type: "e", data: Payload(data)))
            }
            let answers = try await scene.store.append([event(1, 1), event(3, 3), event(1, 7), event(2, 2), event(0, 0)])
            try scene.same([answers[0], answers[3]], [.at(sequence: 1), .at(sequence: 2)], "the good ones")
            for index in [1, 2, 4] {
                guard case .refused(.invalid) = answers[index] else { throw Violation("\(answers[index]), should be refused") }
            }
            try scene.same(try await scene.store.read("s", after: 0, limit: 9).events.map(\.sequence), [1, 2], "numbers")
        },
        Check("a stream whose start was removed begins where it begins", 5) { scene in
            let event = Event(stream: "s", sequence: 41, at: scene.clock.now(), type: "e", data: .null)
            try scene.same(try await scene.store.append([NewEvent(adopting: event)]), [.at(sequence: 41)], "the first")
            try scene.same(try await scene.append("own", to: "s"), 42, "the next")
            let page = try await scene.store.read("s", after: 0, limit: 9)
            try scene.same([page.first, page.last, page.events.count], [41, 42, 2], "first, last, count")
        },
        Check("an adopted event releases who waits for it, and fires no trigger", 9) { scene in
            let trigger = Trigger(.topic(stream: "s", filter: EventFilter()), job: JobTemplate(kind: "work"))
            _ = try await scene.store.put(trigger, named: "t")
            let job = try await scene.start(scene.job())
            let wait = Wait(.event(stream: "s", type: "x", after: 0), step: "w")
            _ = try await scene.store.settle([Settlement(job.lease, .waiting(wait))])
            let event = Event(stream: "s", sequence: 1, at: scene.clock.now() - .seconds(9), type: "x", data: .null)
            _ = try await scene.store.append([NewEvent(adopting: event)])
            let detail = try await scene.detail(job.job.id)
            try scene.same(detail.job.phase, .ready, "who waited")
            try scene.same(detail.steps.map(\.result), [WaitResult.event(event).payload], "its step")
            try scene.same(try await scene.store.jobs(JobQuery()).jobs.count, 1, "jobs")
        },
        Check("a job's detail tells the last number of its stream", 5) { scene in
            let job = try await scene.accept(scene.job())
            try scene.same(try await scene.detail(job.id).lastEvent, 0, "before")
            try await scene.append("x", to: StreamName.job(job.id))
            try await scene.append("y", to: StreamName.job(job.id))
            try scene.same(try await scene.detail(job.id).lastEvent, 2, "after")
        },
    ]

    private static let adoptingTriggers: [Check] = [
        Check("a trigger comes with its slots, and its revision never goes back", 6) { scene in
            let now = scene.clock.now()
            var trigger = Trigger(.every(.seconds(60), offset: .zero), job: JobTemplate(kind: "work"))
            let history = TriggerHistory(revision: 7, nextSlot: now + .seconds(60), lastSlot: now, createdAt: now - .seconds(999))
            trigger.history = history
            var expected = TriggerState(
                name: "t", trigger: trigger, revision: 7, nextSlot: history.nextSlot, lastSlot: history.lastSlot, createdAt: history.createdAt)
            expected.trigger.history = nil
            try scene.same(try await scene.store.put(trigger, named: "t"), expected, "the first")
            try scene.same(try await scene.store.overview().triggers, [expected], "what is kept")
            expected.revision = 8
            try scene.same(try await scene.store.put(trigger, named: "t"), expected, "the second")
            let early = FirePlan(
                trigger: "t", revision: 8, slot: now + .seconds(60), next: nil, firing: [.init(slot: now + .seconds(60), job: scene.job())])
            try scene.same(try await scene.store.fire(early), .early(by: .seconds(60)), "a fire")
        }
    ]

    // MARK: Histories

    private static func histories(_ made: Timestamp) -> [JobHistory] {
        [ready(made), asleep(.event(stream: "s", type: "x", after: 3), at: made)]
            + Outcome.allCases.map { finished($0, at: made) }
    }

    private static func ready(_ made: Timestamp) -> JobHistory {
        var history = JobHistory(phase: .ready, createdAt: made)
        (history.attempt, history.epoch, history.settledEpoch, history.deaths) = (3, 7, 6, 1)
        history.node = NodeID("elsewhere")
        history.startedAt = made + .seconds(1)
        history.progress = Progress(fraction: 0.5, message: "half")
        history.error = Failure(kind: "boom", message: "it broke")
        history.steps = [
            Step(name: "b", state: .done, result: Payload(["x": 1]), recordedAt: made + .seconds(2)),
            Step(name: "a", state: .intended, result: .null, recordedAt: made + .seconds(3)),
        ]
        return history
    }

    private static func asleep(_ condition: Wait.Condition, step: String? = "w", at made: Timestamp) -> JobHistory {
        var history = JobHistory(phase: .waiting, createdAt: made)
        (history.epoch, history.settledEpoch) = (2, 2)
        history.node = NodeID("elsewhere")
        history.startedAt = made
        history.wait = Wait(condition, step: step, deadline: step.map { _ in .seconds(30) })
        return history
    }

    private static func finished(_ outcome: Outcome, at made: Timestamp) -> JobHistory {
        var history = ready(made)
        history.phase = .finished
        history.outcome = outcome
        history.epoch = 8
        history.settledEpoch = 8
        history.finishedAt = made + .seconds(5)
        history.result = outcome == .succeeded ? Payload(.string(String(repeating: "r", count: 2000))) : nil
        return history
    }
}
