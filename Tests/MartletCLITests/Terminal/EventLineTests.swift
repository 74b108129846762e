import MartletCore
import Testing

@testable import MartletCLI

struct EventLineTests {
    private func line(_ type: String, _ data: JSON) -> String {
        EventLine.text(Event(stream: "job/x", sequence: 1, at: Timestamp(microseconds: 3_661_500_000), type: type, data: Payload(data)))
    }

    @Test func `what a command says is shown as it said it`() {
        #expect(line("output", ["line": "frame 7"]) == "01:01:01.500    frame 7")
        #expect(line("log", ["line": "careful\u{7}"]) == "01:01:01.500  ! careful\u{FFFD}")
    }

    @Test func `a failed attempt says why and when it goes on`() {
        let data: JSON = ["attempt": 2, "kind": "exit-1", "message": "bad", "retry_after": 4]
        #expect(line("attempt.failed", data) == "01:01:01.500  attempt 2 failed: exit-1: bad; again in 4.0 s")
        let last: JSON = ["attempt": 5, "kind": "exit-1", "message": "bad", "retry_after": nil]
        #expect(line("attempt.failed", last) == "01:01:01.500  attempt 5 failed: exit-1: bad")
    }

    @Test func `any other event is its type and its data`() {
        #expect(line("paid", ["amount": 3]) == #"01:01:01.500  paid {"amount":3}"#)
        #expect(line("paid", nil) == "01:01:01.500  paid")
    }
}
