import MartletCore

extension Check {
    private static func forEvent(after: Int = 0, type: String = "go", deadline: Duration? = nil) -> Settlement.Disposition {
        .waiting(Wait(.event(stream: "s", type: type, after: after), step: "w", deadline: deadline))
    }

    static let waiting: [Check] = [
        Check("a waiting job is let go by the event it waits for, which is kept as a step", 10) { scene in
            let job = try await scene.start(scene.job { $0.maxAttempts = 1 })
            try scene.same(try await scene.settle(Settlement(job.lease, forEvent())), .settled(.waiting, nil), "the answer")
            let waiting = try await scene.record(job.job.id)
            try scene.same(waiting.wait, Wait(.event(stream: "s", type: "go", after: 0), step: "w"), "what it waits for")
            try scene.same(waiting.dueAt, .distantFuture, "dueAt")
            try scene.same(waiting.attempt, 0, "attempts charged")
            scene.clock.advance(by: .seconds(5))
            try await scene.append("other", to: "s")
            try await scene.append("go", to: "elsewhere")
            try scene.same(try await scene.record(job.job.id).phase, .waiting, "phase after other events")
            try await scene.append("go", to: "s", Payload(["by": "me"]))
            let again = try await scene.claimOne()
            try scene.same(again.job.wait, nil, "wait")
            try scene.same(again.job.dueAt, scene.clock.now(), "dueAt")
            let event = Event(stream: "s", sequence: 2, at: scene.clock.now(), type: "go", data: Payload(["by": "me"]))
            try scene.same(again.steps.map { WaitResult($0.result) }, [.event(event)], "the step")
            try scene.same(again.steps.map(\.state), [.done], "its state")
        },
        Check("an event that came before the wait counts, the first of its type", 10) { scene in
            for type in ["go", "other", "go", "go"] { try await scene.append(type, to: "s", Payload(.string(type))) }
            let job = try await scene.start(scene.job())
            try scene.same(try await scene.settle(Settlement(job.lease, forEvent(after: 1))), .settled(.ready, nil), "the answer")
            let again = try await scene.claimOne()
            guard case .event(let event)? = again.steps.first.flatMap({ WaitResult($0.result) }) else { throw Violation("no event") }
            try scene.same(event.sequence, 3, "its sequence number")
        },
        Check("an event at or below the number given does not count") { scene in
            for _ in 0..<2 { try await scene.append("go", to: "s") }
            let job = try await scene.start(scene.job())
            try scene.same(try await scene.settle(Settlement(job.lease, forEvent(after: 2))), .settled(.waiting, nil), "the answer")
            let later = try await scene.start(scene.job())
            try scene.same(try await scene.settle(Settlement(later.lease, forEvent(after: 3))), .settled(.waiting, nil), "the answer")
            try await scene.append("go", to: "s")
            try scene.same(try await scene.record(job.job.id).phase, .ready, "the job that waits for the third")
            try scene.same(try await scene.record(later.job.id).phase, .waiting, "the job that waits for the fourth")
        },
        Check("a deadline ends a wait, once", 4, 10) { scene in
            let job = try await scene.start(scene.job())
            try await scene.end(job, forEvent(deadline: .seconds(30)))
            try scene.same(try await scene.record(job.job.id).dueAt, scene.clock.now() + .seconds(30), "dueAt")
            scene.clock.advance(by: .seconds(30) - .microseconds(1))
            try scene.same(try await scene.claim().count, 0, "jobs a moment early")
            scene.clock.advance(by: .microseconds(1))
            let again = try await scene.claimOne()
            try scene.same(again.steps.map { WaitResult($0.result) }, [.deadline], "the step")
            try await scene.append("go", to: "s")
            try scene.same(try await scene.detail(job.job.id).steps, again.steps, "the step after the event came late")
        },
        Check("an event just before the deadline wins", 4) { scene in
            let job = try await scene.start(scene.job())
            try await scene.end(job, forEvent(deadline: .seconds(30)))
            try await scene.append("go", to: "s")
            scene.clock.advance(by: .seconds(60))
            guard case .event? = try await scene.claimOne().steps.first.flatMap({ WaitResult($0.result) }) else { throw Violation("no event") }
        },
        Check("a wait without a deadline lasts for ever", 10) { scene in
            let job = try await scene.start(scene.job())
            try await scene.end(job, forEvent())
            scene.clock.advance(by: .seconds(3650 * 86_400))
            try scene.same(try await scene.claim().count, 0, "jobs due")
            try scene.same(try await scene.record(job.job.id).phase, .waiting, "phase")
        },
        Check("one event lets go everybody who waits for it", 10) { scene in
            try await scene.accept(scene.jobs(20))
            let jobs = try await scene.claim()
            _ = try await scene.store.settle(jobs.map { Settlement($0.lease, forEvent()) })
            try await scene.append("go", to: "s")
            try scene.same(try await scene.claim().count, 20, "jobs let go")
        },
        Check("an event of the same settlement counts", 9) { scene in
            let job = try await scene.start(scene.job())
            let answer = try await scene.settle(Settlement(job.lease, forEvent(), events: [NewEvent(stream: "s", type: "go", data: 1)]))
            try scene.same(answer, .settled(.ready, nil), "the answer")
        },
        Check("a wait does not overwrite a step that is done", 4) { scene in
            let job = try await scene.start(scene.job())
            try await scene.end(job, forEvent(), steps: [NewStep(name: "w", result: 1)])
            try await scene.append("go", to: "s")
            try scene.same(try await scene.claimOne().steps.map(\.result.text), ["1"], "the step")
        },
    ]
}
