import Martlet
import MartletCore
import Testing

@testable import MartletHTTP

/// What people put into names, payloads and errors stays text.
@Suite struct EscapingTests {
    static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "\"\u{301} autofocus onfocus=alert(1) x=\"",
        "</textarea></title><svg/onload=alert(1)>", "{{queueName}} {{{raw}}} {{>layout}}", "&lt;b&gt;", "\u{202E}txt.exe\u{2066}",
        String(repeating: "long", count: 60),
    ]

    /// A site in which everything that can have a name has this one.
    private func site(named name: String) async throws -> (Site, JobID) {
        let site = try Site(kinds: [])
        let payload = Payload(["text": .string(name), "nested": [.string(name)]])
        let id = try await site.add(name, queue: name, payload: payload) { job in
            job.tenant = name
            job.key = IdempotencyKey(name)
            job.labels = [name: name]
        }
        let lease = try await site.claim(name)
        try await site.say(id, "output", ["line": .string(name)])
        try await site.say(id, name, .string(name))
        try await site.say(id, "attempt.failed", ["attempt": 1, "kind": .string(name), "message": .string(name), "retry_after": 1])
        let progress = Progress(fraction: 0.5, message: name).payload
        _ = try await site.store.append([NewEvent(stream: StreamName.job(id), type: "progress", data: progress, lease: lease)])
        try await site.settle(
            lease, .failed(Failure(kind: name, message: name), retryAfter: .seconds(9)),
            steps: [NewStep(name: name, result: Payload(.string(name)))])
        let schedule = Trigger.Schedule.topic(stream: name, filter: EventFilter(type: name, fields: [name: .string(name)]))
        var template = JobTemplate(kind: name)
        template.queue = name
        _ = try await site.store.put(Trigger(schedule, job: template), named: name)
        return (site, id)
    }

    @Test(arguments: hostile)
    func `no page takes text for markup`(name: String) async throws {
        let (site, id) = try await site(named: name)
        let encoded = PageLink.encode(name)
        let filters = "queue=\(encoded)&kind=\(encoded)&tenant=\(encoded)&key=\(encoded)&label=\(encoded)%3D\(encoded)"
        for path in ["/", "/jobs", "/jobs?\(filters)", "/jobs/\(id)", "/queues/\(encoded)", "/triggers", "/jobs?trigger=\(encoded)&phase=\(encoded)"]
        {
            let page = try await site.get(path)
            #expect(page.status == 200, "\(path)")
            let tags = Self.tags(of: page.html)
            for tag in tags where !tag.hasPrefix("!doctype") && !tag.hasPrefix("/") {
                #expect(Self.known.contains(String(tag.prefix { $0.isLetter || $0.isNumber })), "<\(tag.prefix(60))> in \(path)")
                #expect(tag.firstMatch(of: Self.handler) == nil, "<\(tag.prefix(200))> in \(path)")
            }
            #expect(!page.html.unicodeScalars.contains("\u{202E}"))
            #expect(!page.html.unicodeScalars.contains("\u{2066}"))
        }
    }

    private static let known: Set<String> = [
        "html", "head", "meta", "title", "link", "script", "body", "a", "header", "svg", "path", "span", "nav", "button", "main", "footer", "p",
        "time", "h1", "h2", "section", "div", "aside", "strong", "bdi", "table", "thead", "tbody", "tr", "th", "td", "caption", "form", "input",
        "label", "datalist", "option", "ul", "ol", "li", "dl", "dt", "dd", "pre", "code", "details", "summary", "article", "progress", "small",
        "textarea",
    ]
    private static var handler: Regex<(Substring, Substring)> { /\s(on[a-z]+|style|autofocus|srcdoc|formaction)\s*=/ }

    /// Every tag as an HTML parser sees it: quoted attributes may hold anything but their quote.
    private static func tags(of html: String) -> [String] {
        html.matches(of: /<(?<tag>[!\/a-zA-Z](?:[^>"]|"[^"]*")*)>/.matchingSemantics(.unicodeScalar)).map { match in
            // What stands between quotes is a value, whatever it looks like.
            String(match.output.tag).replacing(/"[^"]*"/.matchingSemantics(.unicodeScalar), with: "\"\"")
        }
    }

    @Test func `a quote with a combining mark does not end an attribute`() {
        #expect(PageText.escape("\"\u{301}'\u{301}<\u{338}>&") == "&quot;\u{301}&#39;\u{301}&lt;\u{338}&gt;&amp;")
    }

    @Test func `characters that reorder or hide text are shown`() {
        #expect(PageText.escape("a\u{202E}b\u{0}c\u{7F}\u{FEFF}") == "a\\u202eb\\u0000c\\u007f\\ufeff")
        #expect(PageText.escape("one\r\ntwo\tthree\r") == "one\ntwo\tthree\\u000d")
        #expect(PageText.escape("العربية 👩‍👩‍👧 ñ") == "العربية 👩‍👩‍👧 ñ")
    }

    @Test func `no template prints anything without escaping`() {
        for (name, text) in PageRenderer.templates {
            let text = String(decoding: text, as: UTF8.self)
            #expect(!text.contains("{{{") && !text.contains("{{&"), "\(name)")
            // Unquoted attributes need another escaping.
            #expect(text.firstMatch(of: /=\{\{/) == nil, "\(name)")
            for word in [" style=", "<style", " onclick", "javascript:"] { #expect(!text.contains(word), "\(name)") }
            #expect(text.firstMatch(of: /<script(?![^>]*\ssrc=)/) == nil, "\(name)")
        }
    }

    @Test func `a payload of a mebibyte makes a small page that leads to the whole`() async throws {
        let site = try Site()
        let text = String(repeating: "<x>\"", count: 200_000)
        let large = Payload(["text": .string(String(text.prefix(400_000)))])
        let id = try await site.add(payload: large)
        let lease = try await site.claim("media")
        try await site.say(id, "output", ["line": .string(String(text.prefix(400_000)))])
        let steps = (0..<150).map { NewStep(name: "step \($0)", result: Payload(.string(String(text.prefix(20_000))))) }
        try await site.settle(lease, .succeeded(result: large), steps: steps)
        let page = try await site.get("/jobs/\(id)")
        #expect(page.status == 200)
        #expect(page.bytes.count < 500_000)
        #expect(page.html.contains("Cut after 16 KiB. <a href=\"/v1/jobs/\(id)\">"))
        #expect(page.html.contains("50 steps more."))
    }

    @Test func `many long events make a small page`() async throws {
        let site = try Site()
        let id = try await site.add()
        for _ in 0..<300 { try await site.say(id, "output", ["line": .string(String(repeating: "\"", count: 3000))]) }
        #expect(try await site.get("/jobs/\(id)").bytes.count < 600_000)
    }

    @Test func `a list of jobs with long errors stays small`() async throws {
        let site = try Site()
        for _ in 0..<60 {
            try await site.add { $0.key = nil }
            try await site.settle(
                try await site.claim("media"), .failed(Failure(kind: "k", message: String(repeating: "<\n", count: 2000)), retryAfter: nil))
        }
        #expect(try await site.get("/jobs?outcome=failed").bytes.count < 100_000)
    }
}
