import MartletCore

/// What comes from another store.
extension OperationGenerator {
    mutating func adoption() -> NewJob {
        if die.roll(2) == 0, !adopted.isEmpty {
            // The same job, at some other moment of its life.
            var again = die.pick(adopted)
            if let made = again.history?.createdAt { again.history = history(made) }
            return again
        }
        var job = self.job()
        job.due = .at(clock.now() + .seconds(Int64(die.roll(60)) - 20))
        job.history = history(clock.now() - .seconds(Int64(die.roll(100))))
        adopted = (adopted + [job]).suffix(10)
        return job
    }

    private func history(_ made: Timestamp) -> JobHistory {
        let phase = die.pick([Phase.ready, .ready, .waiting, .finished, .finished])
        var history = JobHistory(phase: phase, outcome: phase == .finished ? die.pick(Outcome.allCases) : nil, createdAt: made)
        history.epoch = phase == .waiting ? 1 + die.roll(4) : die.roll(5)
        history.attempt = die.roll(history.epoch + 1)
        history.settledEpoch = die.roll(history.epoch + 1)
        history.deaths = die.roll(3)
        if history.epoch > 0 {
            history.node = die.pick(Self.nodes)
            history.startedAt = made + .seconds(1)
        }
        if phase == .finished { history.finishedAt = made + .seconds(Int64(die.roll(30))) }
        if phase == .waiting {
            history.wait = Wait(.event(stream: die.pick(Self.streams), type: die.pick(Self.types), after: die.roll(12)), step: "w")
        }
        history.isCancelRequested = die.roll(6) == 0
        if die.roll(3) == 0 { history.progress = Progress(fraction: 0.25 * Double(die.roll(5)), message: die.pick([nil, "m"])) }
        if die.roll(3) == 0 { history.result = Payload(["r": .integer(die.roll(9))]) }
        if die.roll(3) == 0 { history.error = Failure(kind: "boom", message: "elsewhere") }
        for name in ["s0", "s1"] where die.roll(3) == 0 && history.epoch > 0 {
            history.steps.append(Step(name: name, state: die.pick([.done, .intended]), result: .null, recordedAt: made))
        }
        return history
    }

    /// Mostly the next one of its stream; now and then one that is there, or that would leave a gap.
    mutating func adoptedEvent() -> NewEvent {
        let stream = die.pick(Self.adoptedStreams)
        let next = (adoptedEvents[stream] ?? die.roll(4)) + 1
        let sequence = die.pick([next, next, next, max(1, next - 1), next + 1])
        if sequence == next { adoptedEvents[stream] = next }
        let at = Timestamp(seconds: 1_767_225_600) + .seconds(Int64(die.roll(2)))
        return NewEvent(adopting: Event(stream: stream, sequence: sequence, at: at, type: die.pick(Self.types), data: .null))
    }
}
