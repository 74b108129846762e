import MartletCore
import Testing

@Suite struct PayloadTests {
    @Test func `white space between the parts is dropped and the digits stay`() throws {
        let payload = try Payload(json: Array(" { \"a\" : 1.50 } ".utf8))
        #expect(payload.text == "{\"a\":1.50}")
        #expect(payload == Payload(["a": .number("1.50")]))
    }

    @Test func `what is not JSON is refused`() {
        #expect(throws: JSONError.self) { try Payload(json: Array("{".utf8)) }
    }

    @Test func `interpolating a payload shows its size and none of it`() {
        #expect("\(Payload(["secret": "hunter2"]))" == "20 bytes of JSON")
    }

    @Test func `a trusted payload that is damaged says so in place of its value`() {
        #expect(Payload(trusted: Array("{".utf8)).json["unreadable"] != nil)
    }

    @Test func `the constants are what they say`() {
        #expect(Payload.null.json == .null)
        #expect(Payload.emptyObject.json == .object([]))
    }
}
