import MartletCore
import Testing

@testable import Martlet

struct CopyActionTests {
    private func detail(_ phase: Phase = .ready, epoch: Int = 3, made: Int64 = 1, events: Int = 0) -> JobDetail {
        var job = NewJob(id: JobID(high: 1, low: 1), kind: "k", payload: .null)
        job.history = JobHistory(phase: phase, outcome: phase == .finished ? .failed : nil, createdAt: Timestamp(seconds: made))
        var record = JobRecord(accepting: job, at: .epoch)
        record.epoch = epoch
        record.dueAt = .epoch
        return JobDetail(job: record, steps: [], lastEvent: events)
    }

    private func action(_ source: JobDetail, _ target: JobDetail?, isHeld: Bool = true, isLive: Bool = false) -> CopyAction {
        CopyAction(source, target, isHeld: isHeld, isLive: isLive)
    }

    private func collides(_ action: CopyAction) -> Bool {
        if case .collide = action { true } else { false }
    }

    @Test func `what runs, or may be about to, is waited for; what is finished is not`() {
        #expect(action(detail(.running), nil) == .wait)
        #expect(action(detail(.ready), nil, isHeld: false) == .wait)
        #expect(action(detail(.waiting), nil, isHeld: false) == .wait)
        #expect(action(detail(.finished), nil, isHeld: false) == .adopt)
    }

    @Test func `what the target lacks is taken in, what has changed is put right, what is the same is kept`() {
        #expect(action(detail(), nil) == .adopt)
        #expect(action(detail(), detail()) == .keep)
        #expect(action(detail(events: 3), detail(events: 2)) == .follow)
        #expect(action(detail(.finished, epoch: 4), detail()) == .adopt)
        #expect(action(detail(.ready), detail(.finished)) == .revive)
        #expect(action(detail(.waiting), detail(.ready)) == .adopt)
    }

    @Test func `what the target has of its own is not touched`() {
        #expect(collides(action(detail(made: 1), detail(made: 2))))
        #expect(collides(action(detail(epoch: 3), detail(epoch: 4))))
        #expect(collides(action(detail(), detail(.running))))
    }

    @Test func `a target at work only gets what it lacks`() {
        #expect(action(detail(), nil, isLive: true) == .adopt)
        #expect(action(detail(), detail(.finished, epoch: 9), isLive: true) == .keep)
        #expect(action(detail(events: 9), detail(), isLive: true) == .keep)
    }
}
