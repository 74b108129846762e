import MartletCore

extension Check {
    static let enqueueing: [Check] = [
        Check("an accepted job stands there as it was given", 10) { scene in
            let parent = scene.id()
            let job = scene.job("mail") { job in
                job.payload = Payload(["text": "naïve \u{1F426} \"quoted\" \\ \u{7}", "big": .number("12345678901234567890.10")])
                job.queue = "post"
                job.tenant = "acme"
                job.priority = .high
                job.due = .after(.seconds(5))
                job.key = IdempotencyKey("k")
                job.timeout = .milliseconds(1500)
                job.queueTimeout = .seconds(90)
                job.maxAttempts = 3
                job.labels = ["a": "1", "b": "ü"]
                job.parent = NewJob.Parent(job: parent, group: "g")
                job.trigger = "t"
            }
            let record = try await scene.accept(job)
            try scene.same(try await scene.detail(job.id), JobDetail(job: record, steps: [], keyScope: job.key?.scope), "the job read back")
            try scene.same(record.payload, job.payload, "payload")
            try scene.same([record.kind, record.queue, record.tenant, record.key, record.trigger], ["mail", "post", "acme", "k", "t"], "names")
            try scene.same(record.priority, .high, "priority")
            try scene.same([record.timeout, record.queueTimeout], [.milliseconds(1500), .seconds(90)], "timeouts")
            try scene.same(record.labels, job.labels, "labels")
            try scene.same(record.parent, job.parent, "parent")
            try scene.same(record.createdAt, scene.clock.now(), "createdAt")
            try scene.same(record.dueAt, scene.clock.now() + .seconds(5), "dueAt")
            try scene.same([record.maxAttempts, record.attempt, record.epoch, record.settledEpoch, record.deaths], [3, 0, 0, 0, 0], "numbers")
            try scene.same(record.phase, .ready, "phase")
            try scene.expect(record.outcome == nil && record.node == nil && record.startedAt == nil && record.finishedAt == nil, "it is fresh")
        },
        Check("the answers of a batch stand in the order of its jobs", 11) { scene in
            var jobs = scene.jobs(20)
            jobs[7].kind = ""
            let answers = try await scene.store.enqueue(jobs)
            try scene.same(answers.count, 20, "answers")
            for (index, answer) in answers.enumerated() {
                try scene.same(answer.job?.id, index == 7 ? nil : jobs[index].id, "answer \(index)")
            }
        },
        Check("a job that no store accepts is refused and holds back no other", 11) { scene in
            let faulty: [(inout NewJob) -> Void] = [
                { $0.kind = "" }, { $0.queue = "" }, { $0.kind = String(repeating: "k", count: 256) }, { $0.tenant = "a\u{1}" },
                { $0.payload = scene.oversized }, { $0.maxAttempts = 0 }, { $0.maxAttempts = 1001 }, { $0.due = .after(.seconds(-1)) },
                { $0.due = .after(.seconds(11 * 366 * 86_400)) }, { $0.timeout = .zero }, { $0.queueTimeout = .zero },
                { $0.key = IdempotencyKey("") }, { $0.key = IdempotencyKey("k", scope: .window(.zero)) }, { $0.labels = ["": "x"] },
            ]
            var jobs = faulty.map { scene.job("work", $0) }
            jobs.insert(scene.job(), at: 3)
            jobs.append(scene.job())
            let answers = try await scene.store.enqueue(jobs)
            for (job, answer) in zip(jobs, answers) {
                if let fault = job.fault {
                    try scene.same(answer, .refused(fault), "the answer")
                    try scene.same(try await scene.store.job(job.id), nil, "a refused job")
                } else {
                    try scene.same(answer, .accepted(try await scene.record(job.id)), "a good job among bad ones")
                }
            }
            try scene.same(try await scene.everyJob().count, 2, "jobs kept")
        },
        Check("the same job enqueued twice is one job, in one batch, in two, and after it has finished", 10) { scene in
            let job = scene.job()
            let answers = try await scene.store.enqueue([job, job])
            guard case .accepted(let record) = try answers.at(0) else { throw Violation("the first was refused") }
            try scene.same(try answers.at(1), .duplicate(record, replaced: false), "the second of one batch")
            try scene.same(try await scene.store.enqueue([job]), [.duplicate(record, replaced: false)], "another batch")
            try await scene.finishAll()
            let finished = try await scene.record(job.id)
            try scene.same(finished.phase, .finished, "phase")
            try scene.same(try await scene.store.enqueue([job]), [.duplicate(finished, replaced: false)], "after the end")
            try scene.same(try await scene.claim().count, 0, "jobs to do")
        },
        Check("an id with another content is refused") { scene in
            let job = scene.job()
            let record = try await scene.accept(job)
            let changes: [(inout NewJob) -> Void] = [
                { $0.kind = "other" }, { $0.queue = "other" }, { $0.tenant = "other" }, { $0.payload = Payload(["n": 2]) },
            ]
            for change in changes {
                var other = job
                change(&other)
                try scene.same(try await scene.store.enqueue([other]), [.refused(.idTaken(job.id))], "the answer")
            }
            var other = job
            other.priority = .urgent
            other.labels = ["x": "y"]
            try scene.same(try await scene.store.enqueue([other]), [.duplicate(record, replaced: false)], "what does not tell jobs apart")
            try scene.same(try await scene.record(job.id), record, "the first job")
            try scene.same(try await scene.store.overview().queues.map(\.name), ["default"], "queues")
        },
        Check("a job is due when the store's clock says so, and an instant in the past is kept") { scene in
            let past = scene.clock.now() - .seconds(3600)
            let (delayed, old) = (scene.job { $0.due = .after(.microseconds(1_000_001)) }, scene.job { $0.due = .at(past) })
            try await scene.accept([delayed, old])
            try scene.same(try await scene.record(old.id).dueAt, past, "dueAt")
            try scene.same(try await scene.claim().map(\.job.id), [old.id], "due at once")
            scene.clock.advance(by: .seconds(1))
            try scene.same(try await scene.claim().count, 0, "due a microsecond early")
            scene.clock.advance(by: .microseconds(1))
            try scene.same(try await scene.claim().map(\.job.id), [delayed.id], "due to the microsecond")
        },
        Check("the store's time never goes back, whatever the clock does") { scene in
            let first = try await scene.accept(scene.job())
            scene.clock.set(scene.clock.now() - .seconds(3600))
            let second = try await scene.accept(scene.job())
            try scene.same(second.createdAt, first.createdAt, "createdAt after the clock went back")
            let overview = try await scene.store.overview()
            try scene.same(overview.now, first.createdAt, "the store's now")
            try scene.same(try await scene.claim().count, 2, "jobs due")
            scene.clock.set(first.createdAt + .seconds(1))
            try scene.same(try await scene.accept(scene.job()).createdAt, first.createdAt + .seconds(1), "createdAt after the clock caught up")
        },
        Check("more than a batch is refused as a whole", 11) { scene in
            let jobs = scene.jobs(Limits.batch + 1)
            let error = try await scene.refusal("too large a batch") { () throws(StoreError) in try await scene.store.enqueue(jobs) }
            guard case .invalid = error else { throw Violation("\(error), should be invalid") }
            try scene.same(try await scene.store.jobs(JobQuery()).jobs.count, 0, "jobs kept")
            try scene.same(try await scene.store.enqueue([]).count, 0, "answers to an empty batch")
        },
    ]
}
