import MartletCore
import Testing

@Suite struct PriorityTests {
    @Test func `there are four levels and no more`() {
        #expect(Priority.all.map(\.level) == [0, 1, 2, 3])
        #expect(Priority(-1) == nil && Priority(4) == nil && Priority(2) == .standard)
        #expect(Priority.urgent < .low)
    }

    @Test func `of jobs due together the more urgent goes first`() {
        let ranks = Priority.all.map { $0.rank(dueAt: Timestamp(seconds: 1000)) }
        #expect(ranks == ranks.sorted() && Set(ranks).count == 4)
    }

    @Test func `a job of the lowest level goes before fresh urgent ones once it has waited three ageings`() {
        let waiting = Priority.low.rank(dueAt: Timestamp(seconds: 1000))
        let ageing = Priority.ageing.components.seconds
        #expect(Priority.urgent.rank(dueAt: Timestamp(seconds: 1000 + 3 * ageing - 1)) < waiting)
        #expect(Priority.urgent.rank(dueAt: Timestamp(seconds: 1000 + 3 * ageing + 1)) > waiting)
    }
}
