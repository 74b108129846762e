import MartletCore
import Testing

@testable import MartletHTTP

struct FeedPlanTests {
    @Test func `A stream is read once at a time, and again where it has grown meanwhile`() throws {
        var plan = FeedPlan()
        let first = plan.follow("s", from: 3, loop: 0, at: .zero)
        #expect(first.isNew && first.position == 3)
        let again = plan.grow(["s"], isUnspecific: false, at: .zero)
        #expect(again == [], "it waits already")
        let begun = plan.begin("s")
        let turn = try #require(begun)
        #expect(turn.after == 3)
        let grown = plan.grow(["s", "other"], isUnspecific: false, at: .zero)
        #expect(grown == ["s"])
        let second = plan.begin("s")
        #expect(second == nil, "somebody reads it")
        let loops = plan.advance("s", turn, to: 5)
        #expect(loops == [0])
        let isAgain = plan.end("s", turn, isDrained: true, at: .zero)
        #expect(isAgain)
        #expect(plan.begin("s")?.after == 5)
    }

    @Test func `Who joins while a page is handed out is told how far it goes`() throws {
        var plan = FeedPlan()
        _ = plan.follow("s", from: 3, loop: 0, at: .zero)
        let begun = plan.begin("s")
        let turn = try #require(begun)
        let early = plan.follow("s", from: 3, loop: 1, at: .zero)
        #expect(early.position == 3)
        let loops = plan.advance("s", turn, to: 5)
        #expect(loops == [0, 1])
        let late = plan.follow("s", from: 3, loop: 2, at: .zero)
        #expect(late.position == 5 && !late.isNew)
    }

    @Test func `A reading that outlives its followers says nothing to the next ones`() throws {
        var plan = FeedPlan()
        _ = plan.follow("s", from: 3, loop: 0, at: .zero)
        let begun = plan.begin("s")
        let turn = try #require(begun)
        let isLast = plan.leave("s", loop: 0)
        #expect(isLast)
        _ = plan.follow("s", from: 3, loop: 0, at: .zero)
        let loops = plan.advance("s", turn, to: 9)
        #expect(loops == [])
        let isAgain = plan.end("s", turn, isDrained: true, at: .zero)
        #expect(!isAgain)
        #expect(plan.begin("s")?.after == 3)
    }

    @Test func `A silent stream is looked at ever more rarely, a store that is away not faster`() throws {
        var plan = FeedPlan()
        _ = plan.follow("s", from: 0, loop: 0, at: .zero)
        var looks: [Int] = []
        for tenth in 0...200 {
            let now: Duration = .milliseconds(100 * tenth)
            for stream in (tenth == 0 ? ["s"] : plan.look(at: now)) {
                looks.append(tenth)
                let begun = plan.begin(stream)
                let turn = try #require(begun)
                let isAgain = plan.end(stream, turn, isDrained: tenth < 100 ? true : nil, at: now)
                #expect(!isAgain)
            }
        }
        #expect(looks == [0, 20, 60, 110, 160])
    }

    @Test func `Hints that name no stream are few reads, not as many as hints times streams`() {
        var plan = FeedPlan()
        for number in 0..<1000 {
            _ = plan.follow("s\(number)", from: 0, loop: 0, at: .zero)
            if let turn = plan.begin("s\(number)") { _ = plan.end("s\(number)", turn, isDrained: true, at: .zero) }
        }
        let first = plan.grow([], isUnspecific: true, at: .zero)
        #expect(first.count == 1000)
        let second = plan.grow([], isUnspecific: true, at: .milliseconds(50))
        #expect(second == [])
        #expect(plan.sweepDelay(at: .milliseconds(50)) == .milliseconds(150))
    }
}
