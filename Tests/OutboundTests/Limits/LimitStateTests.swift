import MartletCore
import MartletTesting
import Testing

@testable import Outbound

@Suite struct LimitStateTests {
    private static let start = VirtualClock.defaultStart
    private var state = LimitState()
    private var last = 0

    private mutating func apply(_ event: LimitEvent, after span: Duration = .zero) {
        last += 1
        let new = event.event(in: "outbound/test")
        state.apply(Event(stream: new.stream, sequence: last, at: Self.start + span, type: new.type, data: new.data))
    }

    private func step(_ span: Duration) -> LimitState.Step { state.step(at: Self.start + span) }

    private func headers(_ remaining: Int, of limit: Int = 100, reset: Int = 10) -> LimitHeaders {
        LimitHeaders(
            [("X-RateLimit-Limit", "\(limit)"), ("X-RateLimit-Remaining", "\(remaining)"), ("X-RateLimit-Reset", "\(reset)")], now: Self.start)
    }

    @Test func `calls are free until something is known`() {
        #expect(step(.zero) == .take([]))
    }

    @Test mutating func `nothing goes before a block is over, and then one probe`() {
        apply(.blocked(lasts: .seconds(10)))
        #expect(step(.zero) == .wait(.seconds(10), isProbed: false))
        #expect(step(.milliseconds(9_999)) == .wait(.milliseconds(1), isProbed: false))
        #expect(step(.seconds(10)) == .take([.probe(.probeBlock, "", 1)]))
        state.missed(.probe(.probeBlock, "", 1), for: .seconds(1), at: Self.start + .seconds(10))
        #expect(step(.seconds(10)) == .wait(.seconds(1), isProbed: true))
        apply(.cleared(sequence: 1), after: .seconds(10))
        #expect(step(.seconds(10)) == .take([]))
    }

    @Test mutating func `a block is never shortened, and a late all-clear does not lift a newer one`() {
        apply(.blocked(lasts: .seconds(60)))
        apply(.blocked(lasts: .seconds(1)), after: .seconds(2))
        #expect(step(.seconds(5)) == .wait(.seconds(55), isProbed: false))
        apply(.cleared(sequence: 1), after: .seconds(6))
        #expect(step(.seconds(6)) == .wait(.seconds(54), isProbed: false))
    }

    @Test mutating func `of two windows learnt at once the first stands`() {
        apply(.window(name: "", capacity: 5, lasts: .seconds(10)))
        apply(.window(name: "", capacity: 50, lasts: .seconds(10)), after: .seconds(1))
        #expect(step(.seconds(2)) == .take([.call("", 1, capacity: 5, lasts: .seconds(10))]))
    }

    @Test mutating func `a window that is spent is waited out without asking again`() {
        apply(.window(name: "", capacity: 5, lasts: .seconds(10)))
        state.missed(.call("", 1, capacity: 5, lasts: .seconds(10)), for: .seconds(99), at: Self.start)
        #expect(step(.seconds(4)) == .wait(.seconds(6), isProbed: false))
        #expect(step(.seconds(10)) == .take([.probe(.probe, "", 1)]))
    }

    @Test mutating func `nothing is sent in a window's last moments`() {
        apply(.window(name: "", capacity: 5, lasts: .seconds(10)))
        #expect(step(.milliseconds(9_950)) == .wait(.milliseconds(50), isProbed: false))
    }

    @Test mutating func `a probe's answer is the next window`() {
        apply(.window(name: "", capacity: 25, lasts: .seconds(10)))
        let probe = LimitTicket.probe(.probe, "", 1)
        let told = LimitEvent.window(name: "", capacity: 40, lasts: .seconds(10))
        #expect(state.hear(headers(40), isRefusal: false, [probe], at: Self.start + .seconds(11)) == [.tell(told)])
        // With plenty left it depends on whether the last one was needed.
        let plenty = LimitEvent.window(name: "", capacity: 99, lasts: .seconds(10))
        #expect(
            state.hear(headers(99), isRefusal: false, [probe], at: Self.start + .seconds(11))
                == [.renew(plenty, after: .call("", 1, capacity: 25, lasts: .seconds(10)))])
        apply(.relaxed(name: "", sequence: 1), after: .seconds(12))
        #expect(step(.seconds(12)) == .take([]))
    }

    @Test mutating func `a limit that comes near is counted, with room for what is under way`() {
        #expect(state.hear(headers(51), isRefusal: false, [], at: Self.start) == [])
        #expect(
            state.hear(headers(40), isRefusal: false, [], at: Self.start)
                == [.tell(.window(name: "", capacity: 10, lasts: .seconds(10)))])
    }

    @Test mutating func `what others took is noticed`() {
        apply(.window(name: "", capacity: 25, lasts: .seconds(10)))
        #expect(state.hear(headers(0), isRefusal: false, [], at: Self.start + .seconds(3)) == [])
        #expect(step(.seconds(4)) == .wait(.seconds(6), isProbed: false))
    }

    @Test("H0-10: a refusal without Retry-After lasts until the reset that its headers tell")
    mutating func refusalWithReset() {
        #expect(state.hear(headers(0, reset: 42), isRefusal: true, [], at: Self.start) == [.tell(.blocked(lasts: .seconds(42)))])
        #expect(
            state.hear(LimitHeaders([("Retry-After", "7")], now: Self.start), isRefusal: true, [], at: Self.start)
                == [.tell(.blocked(lasts: .seconds(7)))])
        let nothing = LimitHeaders([(String, String)](), now: Self.start)
        #expect(state.hear(nothing, isRefusal: true, [], at: Self.start) == [.tell(.blocked(lasts: LimitState.pauseDefault))])
    }

    @Test func `a window's bucket gives nothing back before the window is over`() {
        for capacity in [1, 2, 7, 100, 5000, 100_000, 10_000_000] {
            for seconds in [1, 60, 900, 3600, 86_400] {
                let ticket = LimitTicket.call("", 1, capacity: capacity, lasts: .seconds(seconds))
                #expect(ticket.rate.fault == nil)
                var bucket = CellRate()
                let start = Self.start
                let first = bucket.available(ticket.rate, at: start)
                bucket.take(first, ticket.rate, at: start)
                let later = bucket.available(ticket.rate, at: start + .seconds(seconds))
                #expect(first + later <= capacity, "\(capacity) in \(seconds) s")
                #expect(first + later >= capacity * 99 / 100 - 2, "\(capacity) in \(seconds) s")
            }
        }
    }

    @Test func `events come back as they were told`() {
        let events: [LimitEvent] = [
            .window(name: "a", capacity: 3, lasts: .milliseconds(1)), .relaxed(name: "", sequence: 4), .blocked(lasts: .seconds(9)),
            .cleared(sequence: 2),
        ]
        for event in events {
            let new = event.event(in: "s")
            #expect(new.fault == nil)
            #expect(LimitEvent(Event(stream: "s", sequence: 1, at: Self.start, type: new.type, data: new.data)) == event)
        }
        #expect(LimitEvent(Event(stream: "s", sequence: 1, at: Self.start, type: "newer", data: .emptyObject)) == nil)
    }
}
