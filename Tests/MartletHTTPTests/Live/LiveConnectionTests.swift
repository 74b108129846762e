import MartletCore
import NIOCore
import NIOWebSocket
import Testing

@testable import MartletHTTP

struct LiveConnectionTests {
    /// What the rule wants, in short.
    private func words(_ actions: [LiveConnection.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .check(let stream, _): "check \(stream)"
            case .read(let stream, _, let after, let isLagging): "read \(stream) \(after)\(isLagging ? " lagging" : "")"
            case .follow(let stream): "follow \(stream)"
            case .unfollow(let stream): "unfollow \(stream)"
            case .send(let bytes): "send \(bytes.readableBytes)"
            case .note(.subscribed(let stream, let after)): "subscribed \(stream) \(after)"
            case .note(.unsubscribed(let stream)): "unsubscribed \(stream)"
            case .note(.lagged(let stream, let after)): "lagged \(stream) \(after)"
            case .note(.gap(let stream, let after, let first)): "gap \(stream) \(after) \(first)"
            case .note(.error(let stream, let type, _)): "error \(stream ?? "-") \(type.rawValue)"
            case .close(let code, _): "close \(code.rawValue)"
            case .drop(let reason): "drop \(reason)"
            }
        }
    }

    private func page(_ position: Int, bytes: Int = 10, gap: Int? = nil, isDrained: Bool = true) -> LiveAnswer {
        .page(LivePage(bytes: ByteBuffer(repeating: 0, count: bytes), position: position, gap: gap, isDrained: isDrained))
    }

    /// A connection at the tail of `s`, at `position`.
    private func atTail(_ position: Int) -> LiveConnection {
        var connection = LiveConnection(number: 1, now: .zero)
        _ = connection.receive(Frames.text(#"{"op":"subscribe","stream":"s","after":0}"#), at: .zero)
        _ = connection.answer("s", ticket: 1, .admitted)
        _ = connection.answer("s", ticket: 1, page(position))
        _ = connection.join("s", tail: position)
        return connection
    }

    @Test func `A subscription is checked, read page by page, and then at the tail`() {
        var connection = LiveConnection(number: 1, now: .zero)
        #expect(words(connection.receive(Frames.text(#"{"op":"subscribe","stream":"s","after":5}"#), at: .zero)) == ["check s"])
        #expect(words(connection.answer("s", ticket: 1, .admitted)) == ["subscribed s 5", "read s 5"])
        #expect(words(connection.answer("s", ticket: 1, page(9, isDrained: false))) == ["send 10", "read s 9"])
        #expect(words(connection.answer("s", ticket: 1, page(12))) == ["send 10", "follow s"])
        // Those at the tail are further: it reads what it lacks.
        let isBehind = connection.join("s", tail: 14)
        #expect(!isBehind)
        #expect(words(connection.askNext()) == ["read s 12"])
        #expect(words(connection.answer("s", ticket: 1, page(14))) == ["send 10", "follow s"])
        let isAtTail = connection.join("s", tail: 14)
        #expect(isAtTail)
        let offer = connection.offer("s", 13, 16)
        #expect(offer == .send(after: 14))
        let again = connection.offer("s", 13, 16)
        #expect(again == .pass)
    }

    @Test func `S0-39 A reader without room is told where to resume, reads on from there, and gets nothing twice`() {
        var connection = atTail(3)
        #expect(words(connection.changeRoom(false, at: .zero)) == [])
        let offer = connection.offer("s", 4, 6)
        #expect(offer == .fallBehind)
        let next = connection.offer("s", 7, 8)
        #expect(next == .pass)
        #expect(words(connection.askNext()) == [])
        #expect(words(connection.changeRoom(true, at: .seconds(1))) == ["lagged s 3", "read s 3 lagging"])
        // Room is lost again before the page is there: it is dropped, and read once more.
        _ = connection.changeRoom(false, at: .seconds(1))
        #expect(words(connection.answer("s", ticket: 1, page(8))) == [])
        #expect(words(connection.changeRoom(true, at: .seconds(2))) == ["read s 3 lagging"])
        #expect(words(connection.answer("s", ticket: 1, page(8))) == ["send 10", "follow s"])
    }

    @Test func `What retention has removed is said, not passed over`() {
        var connection = LiveConnection(number: 1, now: .zero)
        _ = connection.receive(Frames.text(#"{"op":"subscribe","stream":"s","after":2}"#), at: .zero)
        _ = connection.answer("s", ticket: 1, .admitted)
        #expect(words(connection.answer("s", ticket: 1, page(20, gap: 11))) == ["gap s 2 11", "send 10", "follow s"])
    }

    @Test func `Answers to a subscription that is gone go nowhere, also where the stream is subscribed to anew`() {
        var connection = LiveConnection(number: 1, now: .zero)
        _ = connection.receive(Frames.text(#"{"op":"subscribe","stream":"s"}"#), at: .zero)
        #expect(words(connection.receive(Frames.text(#"{"op":"unsubscribe","stream":"s"}"#), at: .zero)) == ["unsubscribed s"])
        #expect(words(connection.receive(Frames.text(#"{"op":"subscribe","stream":"s","after":7}"#), at: .zero)) == ["check s"])
        #expect(words(connection.answer("s", ticket: 1, .admitted)) == [])
        #expect(words(connection.answer("s", ticket: 2, .admitted)) == ["subscribed s 7", "read s 7"])
    }

    @Test func `A stream that may not be read looks like none; a store that is away is asked again`() {
        var connection = LiveConnection(number: 1, now: .zero)
        _ = connection.receive(Frames.text(#"{"op":"subscribe","stream":"s"}"#), at: .zero)
        #expect(words(connection.answer("s", ticket: 1, .hidden)) == ["error s not-found"])
        _ = connection.receive(Frames.text(#"{"op":"subscribe","stream":"t"}"#), at: .zero)
        #expect(words(connection.answer("t", ticket: 2, .unavailable)) == [])
        #expect(words(connection.look(bytes: 0, at: .seconds(1))) == ["check t"])
    }

    @Test func `Questions to the store are few at once, however many subscriptions a page opens`() {
        var connection = LiveConnection(number: 1, now: .zero)
        var asked = 0
        for number in 0..<LiveConnection.subscriptionsMax {
            asked += connection.receive(Frames.text(#"{"op":"subscribe","stream":"s\#(number)"}"#), at: .zero).count
        }
        #expect(asked == LiveConnection.questionsMax)
        let beyond = words(connection.receive(Frames.text(#"{"op":"subscribe","stream":"one more"}"#), at: .zero))
        #expect(beyond == ["error one more too-many-streams"])
    }

    @Test(arguments: [
        ("{", "malformed-json"), ("[]", "invalid-field"), (#"{"op":"publish","stream":"s"}"#, "invalid-field"),
        (#"{"op":"subscribe"}"#, "invalid-field"), (#"{"op":"subscribe","stream":"s","after":-1}"#, "invalid-field"),
        (#"{"op":"subscribe","stream":"s","after":"x"}"#, "invalid-field"), (#"{"op":"subscribe","stream":"s","befor":1}"#, "unknown-field"),
    ])
    func `A command that makes no sense is answered, and the connection goes on`(_ text: String, _ type: String) {
        var connection = LiveConnection(number: 1, now: .zero)
        #expect(words(connection.receive(Frames.text(text), at: .zero)) == ["error - \(type)"])
        #expect(!connection.isClosing)
    }

    @Test func `Too many frames close the connection`() {
        var connection = LiveConnection(number: 1, now: .zero)
        for _ in 0..<FrameBudget.rate.burst { #expect(words(connection.receive(Frames.frame(.ping, []), at: .zero)) == ["send 2"]) }
        #expect(words(connection.receive(Frames.frame(.ping, []), at: .zero)) == ["close 1008"])
    }

    @Test func `A reader that takes nothing for 30 s is dropped; one that takes a little is not`() {
        var (stalled, slow) = (atTail(3), atTail(3))
        for connection in [0, 1] { _ = connection == 0 ? stalled.changeRoom(false, at: .zero) : slow.changeRoom(false, at: .zero) }
        var dropped: [String] = []
        for second in 0...31 {
            dropped += words(stalled.look(bytes: 70_000, at: .seconds(second)))
            #expect(words(slow.look(bytes: 70_000 - second, at: .seconds(second))) == [])
        }
        #expect(dropped.contains("unfollow s") && dropped.contains("drop stalled"))
    }

    @Test func `A silent peer is pinged, and dropped where it does not answer`() {
        var connection = LiveConnection(number: 1, now: .zero)
        var said: [String] = []
        for second in 1...45 { said += words(connection.look(bytes: 0, at: .seconds(second))).map { "\(second) \($0)" } }
        #expect(said.prefix(2) == ["21 send 2", "41 drop silent"])
        var alive = LiveConnection(number: 1, now: .zero)
        _ = alive.look(bytes: 0, at: .seconds(21))
        #expect(words(alive.receive(Frames.frame(.pong, []), at: .seconds(22))) == [])
        #expect(words(alive.look(bytes: 0, at: .seconds(42))) == [])
    }

    @Test func `A goodbye is answered, and waited for only so long`() {
        var theirs = atTail(3)
        #expect(words(theirs.receive(Frames.frame(.connectionClose, [0x03, 0xE8]), at: .zero)) == ["unfollow s", "send 4", "drop said"])
        var ours = atTail(3)
        #expect(words(ours.close(.goingAway, "", at: .zero)) == ["unfollow s", "close 1001"])
        #expect(words(ours.receive(Frames.text(#"{"op":"subscribe","stream":"t"}"#), at: .zero)) == [])
        let late = ours.offer("s", 4, 4)
        #expect(late == .pass)
        #expect(words(ours.look(bytes: 0, at: .seconds(1))) == [])
        #expect(words(ours.look(bytes: 0, at: LiveConnection.goodbye)) == ["drop said"])
    }
}
