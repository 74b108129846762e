import Testing

@testable import MartletHTTP

struct PercentEncodingTests {
    @Test(arguments: [("a%2Fb", "a/b"), ("%c3%A9", "é"), ("plain", "plain"), ("a+b", "a+b"), ("", "")])
    func `Escapes become the bytes they stand for`(_ text: String, _ decoded: String) {
        #expect(PercentEncoding.decode(text) == decoded)
    }

    @Test(arguments: ["%", "%2", "%GG", "%ff", "%C3"])
    func `Broken escapes, and bytes that are not UTF-8, are nothing`(_ text: String) {
        #expect(PercentEncoding.decode(text) == nil)
    }

    @Test func `In a query a plus is a space`() {
        #expect(PercentEncoding.decode("a+b%2B", plusIsSpace: true) == "a b+")
    }
}
