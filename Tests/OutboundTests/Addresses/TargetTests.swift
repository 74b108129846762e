import Testing

@testable import Outbound

@Suite struct TargetTests {
    @Test(arguments: [
        ("https://API.example.com/a?b=c", "https://api.example.com:443/a?b=c"), ("http://example.com", "http://example.com:80/"),
        ("https://example.com.:8443/x#part", "https://example.com:8443/x"), ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]:80/"), ("https://x/%2e%2e/a%20b", "https://x:443/%2e%2e/a%20b"),
    ])
    func `a URL is brought to one spelling`(text: String, url: String) throws {
        #expect(try Target(text).url == url)
    }

    @Test(arguments: [
        "", "example.com", "ftp://example.com/", "file:///etc/passwd", "http+unix://x/", "https://", "https:///x", "https://user@example.com/",
        "https://user:secret@example.com/", "https://exa mple.com/", "https://[fe80::1%25eth0]/", "https://example.com:0/",
        "https://example.com:99999/", "https://[127.0.0.1]/", "https://a%00b/", "https://a%2fb/", "gopher://127.0.0.1/",
    ])
    func `what is no plain URL is refused`(text: String) {
        #expect(throws: OutboundError.self) { try Target(text) }
    }

    @Test(arguments: [
        ("/b", "https://example.com:443/b"), ("b?c", "https://example.com:443/a/b?c"), ("//other.example/", "https://other.example:443/"),
        ("http://169.254.169.254/", "http://169.254.169.254:80/"),
    ])
    func `a location is read from where it was told`(location: String, url: String) throws {
        #expect(try Target("https://example.com/a/x").following(location).url == url)
    }

    @Test func `an origin holds no path`() throws {
        #expect(try Target("https://example.com/secret?token=secret").origin == "https://example.com:443")
    }
}
