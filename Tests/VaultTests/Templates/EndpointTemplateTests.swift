import Testing

@testable import Vault

@Suite struct EndpointTemplateTests {
    @Test func `S2-44 placeholders are filled, each encoded for its place`() throws {
        let template = try EndpointTemplate(
            "https://{entity_id}.example.com:8443/{realm}/v-{v}/token?tenant={entity_id}&x=1", field: "token_endpoint")
        #expect(template.placeholders == ["entity_id", "realm", "v"])
        let url = try template.fill(["entity_id": "Acme-7", "realm": "a b/c?d#e", "v": "2"])
        #expect(url == "https://acme-7.example.com:8443/a%20b%2Fc%3Fd%23e/v-2/token?tenant=Acme-7&x=1")
        #expect(try EndpointTemplate("https://example.com", field: "f").fill([:]) == "https://example.com/")
    }

    @Test(arguments: [
        "evil.com/", "evil.com#", "a.b", "a@b", "a:b", "a%2eb", "-a", "a-", "", "a b", "ä", "a\u{0}", "a\\b", String(repeating: "a", count: 64),
        "[::1]",
    ])
    func `S2-44 a value cannot choose the host`(value: String) throws {
        let template = try EndpointTemplate("https://{entity}.example.com/token", field: "token_endpoint")
        #expect(throws: ConnectionError.self) { try template.fill(["entity": value]) }
    }

    @Test(arguments: ["..", ".", "...", "", "a\r\nHost: evil", "\u{7F}"])
    func `S2-44 a value cannot leave its path`(value: String) throws {
        let template = try EndpointTemplate("https://example.com/t/{realm}/token", field: "token_endpoint")
        #expect(throws: ConnectionError.self) { try template.fill(["realm": value]) }
    }

    @Test func `S2-44 a missing value is named`() throws {
        let template = try EndpointTemplate("https://example.com/{realm}/token", field: "token_endpoint")
        #expect(throws: ConnectionError.invalid(field: "realm", reason: "is missing")) { try template.fill(["other": "x"]) }
    }

    @Test(arguments: [
        "https://{host}/token", "https://{host}.com/token", "https://{sub}example.com/token", "https://a{sub}.example.com/token",
        "https://x.{domain}.com/token", "https://example.{tld}/token", "{scheme}://example.com/", "https://example.com:{port}/",
        "https://{a}{b}.example.com/",
        "https://user@example.com/", "https://{user}@example.com/", "http://example.com/token", "ftp://example.com/", "https:///token", "/token",
        "https://example.com/#part", "https://example.com/{", "https://example.com/}", "https://example.com/{}", "https://example.com/{a-b}",
        "https://exam ple.com/", "https://example.com:0/", "https://example.com:99999/", "https://[::1/", "https://e%61.com/",
        "javascript://example.com/%0aalert(1)",
    ])
    func `S2-44 a template whose host is not its own, or that is no endpoint, is refused when it is defined`(text: String) {
        #expect(throws: ConnectionError.self) { try EndpointTemplate(text, field: "token_endpoint") }
    }

    @Test(arguments: ["http://127.0.0.1:8080/token", "http://localhost/token", "http://[::1]:9000/token"])
    func `plain HTTP is for this machine alone`(text: String) throws {
        #expect(try EndpointTemplate(text, field: "f").fill([:]) == text)
    }
}
