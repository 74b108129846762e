import MartletCore

extension Check {
    static let admission: [Check] = [
        Check("a full queue refuses, the least urgent first") { scene in
            try await scene.policy {
                $0.highWater = 20
                $0.lowWater = 8
            }
            // Four steps of three jobs between the marks: low priority is refused from 17 on, standard from 20, high from 23, urgent from 26.
            let marks: [(Priority, Int)] = [(.low, 17), (.standard, 20), (.high, 23), (.urgent, 26)]
            for (priority, mark) in marks {
                while try await scene.store.overview().queues.first?.counts.ready ?? 0 < mark {
                    try await scene.accept(scene.job { $0.priority = priority })
                }
                let answer = try await scene.store.enqueue([scene.job { $0.priority = priority }])
                try scene.same(answer, [.refused(.queueFull(queue: "default", depth: mark, retryAfter: .seconds(1)))], "priority \(priority.level)")
            }
            try await scene.accept(scene.job { $0.queue = "other" })
        },
        Check("a queue that has refused accepts again below the low mark, not before") { scene in
            try await scene.policy {
                $0.highWater = 5
                $0.lowWater = 3
            }
            try await scene.accept(scene.jobs(5))
            func isAccepted() async throws -> Bool {
                if case .accepted = try await scene.store.enqueue([scene.job()]).at(0) { true } else { false }
            }
            try scene.expect(try await !isAccepted(), "five jobs are too many")
            _ = try await scene.claim(2)
            try scene.expect(try await !isAccepted(), "three jobs are not below the low mark")
            _ = try await scene.claim(1)
            try scene.expect(try await isAccepted(), "two jobs are below the low mark")
            try scene.expect(try await isAccepted(), "it stays open until the high mark")
        },
        Check("delayed jobs count as depth, duplicates do not count as admissions") { scene in
            try await scene.policy { $0.highWater = 2 }
            let jobs = scene.jobs(2) { $0.due = .after(.seconds(60)) }
            try await scene.accept(jobs)
            let answers = try await scene.store.enqueue([scene.job()] + jobs)
            guard case .refused(.queueFull(_, 2, _)) = try answers.at(0), case .duplicate = try answers.at(1), case .duplicate = try answers.at(2)
            else {
                throw Violation("\(answers)")
            }
        },
        Check("the deeper the queue, the later a refused one is told to come back") { scene in
            try await scene.accept(scene.jobs(3106))
            try await scene.policy {
                $0.highWater = 10
                $0.lowWater = 5
            }
            let answer = try await scene.store.enqueue([scene.job()])
            try scene.same(answer, [.refused(.queueFull(queue: "default", depth: 3106, retryAfter: .seconds(4)))], "the answer")
        },
        Check("a queue whose high mark is taken away and set again starts afresh") { scene in
            try await scene.accept(scene.jobs(6))
            func set(_ high: Int?, _ low: Int?) async throws {
                try await scene.policy {
                    $0.highWater = high
                    $0.lowWater = low
                }
            }
            try await set(5, 4)
            guard case .refused = try await scene.store.enqueue([scene.job()]).at(0) else { throw Violation("the queue is full") }
            try await set(nil, nil)
            try await set(20, 1)
            try await scene.accept(scene.job())
        },
        Check("children, triggers and revives are never refused", 10) { scene in
            let parent = try await scene.start(scene.job())
            let finished = try await scene.start(scene.job())
            try await scene.end(finished)
            try await scene.policy { $0.highWater = 1 }
            try await scene.accept(scene.job())
            try await scene.end(parent, children: scene.jobs(3))
            _ = try await scene.store.revive(finished.job.id)
            let template = JobTemplate(kind: "work")
            _ = try await scene.store.put(Trigger(.topic(stream: "s", filter: EventFilter()), job: template), named: "t")
            try await scene.append("e", to: "s")
            try scene.same(try await scene.store.overview().queues.first?.counts.ready, 6, "ready jobs")
        },
    ]
}
