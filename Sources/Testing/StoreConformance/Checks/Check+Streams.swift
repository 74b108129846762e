import MartletCore

extension Check {
    static let streams: [Check] = [
        Check("a stream's numbers start at one and have no gap, however its events came", 5) { scene in
            let job = try await scene.start(scene.job())
            let answers = try await scene.store.append([
                NewEvent(stream: "a", type: "1", data: 1), NewEvent(stream: "b", type: "1", data: 1), NewEvent(stream: "a", type: "2", data: 2),
            ])
            try scene.same(answers, [.at(sequence: 1), .at(sequence: 1), .at(sequence: 2)], "the answers")
            scene.clock.advance(by: .seconds(1))
            try await scene.end(job, events: [NewEvent(stream: "a", type: "3", data: 3)])
            try scene.same(try await scene.append("4", to: "a"), 4, "the fourth")
            let page = try await scene.store.read("a", after: 0, limit: 10)
            try scene.same(page.events.map(\.sequence), [1, 2, 3, 4], "numbers")
            try scene.same(page.events.map(\.type), ["1", "2", "3", "4"], "types")
            try scene.same(page.events[2], Event(stream: "a", sequence: 3, at: scene.clock.now(), type: "3", data: Payload(3)), "the third")
            try scene.same([page.first, page.last], [1, 4], "first and last")
        },
        Check("a reader that goes on from the last number it saw misses nothing", 5) { scene in
            for index in 0..<25 { try await scene.append("\(index)", to: "s") }
            var (seen, after) = ([Int](), 0)
            while true {
                let page = try await scene.store.read("s", after: after, limit: 7)
                guard let last = page.events.last else { break }
                seen += page.events.map(\.sequence)
                after = last.sequence
            }
            try scene.same(seen, Array(1...25), "numbers read")
            try scene.same(try await scene.store.read("s", after: 25, limit: 7), EventPage(events: [], last: 25, first: 1), "the end")
            try scene.same(try await scene.store.read("s", after: 99, limit: 7).events, [], "beyond the end")
            try scene.same(try await scene.store.read("s", after: -5, limit: 2).events.map(\.sequence), [1, 2], "before the start")
        },
        Check("a stream that nobody has written to is empty", 5) { scene in
            try scene.same(try await scene.store.read("none", after: 0, limit: 5), EventPage(events: [], last: 0, first: 1), "the page")
        },
        Check("a page holds no more than its limit, and never more than a thousand", 5) { scene in
            let events = (0..<1100).map { NewEvent(stream: "s", type: "e", data: $0) }
            try scene.same(try await scene.store.append(events).count, 1100, "answers")
            try scene.same(try await scene.store.read("s", after: 0, limit: 5000).events.count, Limits.eventPageMax, "the largest page")
            try scene.same(try await scene.store.read("s", after: 0, limit: 0).events.count, 0, "the smallest")
        },
        Check("an event that is refused takes no number and holds back no other", 5, 11) { scene in
            let stale = Lease(job: scene.id(), epoch: 1)
            let answers = try await scene.store.append([
                NewEvent(stream: "s", type: "a", data: 1), NewEvent(stream: "s", type: "", data: 2),
                NewEvent(stream: "s", type: "b", data: scene.oversized), NewEvent(stream: "s", type: "c", data: Payload(4), lease: stale),
                NewEvent(stream: "s", type: "d", data: 5),
            ])
            try scene.same([answers.first, answers.last], [.at(sequence: 1), .at(sequence: 2)], "the good ones")
            try scene.same(try answers.at(3), .refused(.leaseLost(stale)), "the stale one")
            for answer in answers[1...2] {
                guard case .refused = answer else { throw Violation("\(answer)") }
            }
            try scene.same(try await scene.store.read("s", after: 0, limit: 9).events.map(\.type), ["a", "d"], "events")
        },
        Check("progress that a job reports becomes its progress, under its lease alone", 2) { scene in
            let job = try await scene.start(scene.job())
            let progress = Progress(fraction: 0.25, message: "a quarter")
            let stream = StreamName.job(job.job.id)
            let foreign = NewEvent(stream: stream, type: "progress", data: progress.payload)
            let elsewhere = NewEvent(stream: "s", type: "progress", data: progress.payload, lease: job.lease)
            let unreadable = NewEvent(stream: stream, type: "progress", data: .null, lease: job.lease)
            _ = try await scene.store.append([foreign, elsewhere, unreadable])
            try scene.same(try await scene.record(job.job.id).progress, nil, "progress from others")
            _ = try await scene.store.append([NewEvent(stream: stream, type: "progress", data: progress.payload, lease: job.lease)])
            try scene.same(try await scene.record(job.job.id).progress, progress, "progress")
            try scene.same(try await scene.store.read(stream, after: 0, limit: 9).last, 3, "events")
        },
        Check("many writers of one stream make no gap and no duplicate, for any reader at any time", 5) { scene in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        for index in 0..<30 {
                            _ = try await scene.store.append([
                                NewEvent(stream: "s", type: "e", data: index), NewEvent(stream: "s", type: "f", data: index),
                            ])
                        }
                    }
                }
                group.addTask {
                    var after = 0
                    for _ in 0..<20_000 where after < 600 {
                        for event in try await scene.store.read("s", after: after, limit: 50).events {
                            try scene.same(event.sequence, after + 1, "the next number")
                            after = event.sequence
                        }
                        await Task.yield()
                    }
                    try scene.same(after, 600, "the last number read")
                }
                try await group.waitForAll()
            }
        },
    ]
}

extension Payload {
    init(_ number: Int) { self.init(.integer(number)) }
}
