import MartletCore
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(1)))
struct SessionTests {
    static let form = ["Origin": "http://localhost", "Content-Type": "application/x-www-form-urlencoded"]

    /// Signs in, and gives the answer with the cookie as a browser sends it back.
    static func signIn(
        _ server: GuardedServer, _ key: String, next: String = "", headers: [String: String] = [:]
    ) async throws -> (reply: Reply, cookie: String) {
        let fields = "key=\(key)&next=\(next.replacing("/", with: "%2F"))"
        let reply = try await server.post("/sign-in", fields, headers: form.merging(headers) { $1 })
        return (reply, String(reply.headers["set-cookie"]?.prefix { $0 != ";" } ?? ""))
    }

    @Test func `A key opens a session, which shows pages and the API's reading side`() async throws {
        try await GuardedServer.run { server async throws in
            let key = try await server.key(.admin)
            let (reply, cookie) = try await Self.signIn(server, key, next: "/jobs")
            #expect(reply.status == 303 && reply.headers["location"] == "/jobs")
            let attributes = reply.headers["set-cookie"] ?? ""
            for word in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] { #expect(attributes.contains(word)) }
            // Without TLS browsers would not send a secure one back.
            #expect(!attributes.contains("Secure") && !attributes.contains("Domain"))
            let page = try await server.get("/jobs", headers: ["Cookie": "a=b; \(cookie); c=d", "Accept": "text/html"])
            #expect(page.status == 200)
            #expect(page.text.contains("Sign out"))
            #expect(try await server.get("/v1/jobs", headers: ["Cookie": cookie]).status == 200)
            #expect(try await server.get("/v1/jobs", headers: ["Cookie": cookie + "x"]).status == 401)
            // The header goes before the cookie.
            #expect(try await server.get("/v1/jobs", key: "wrong", headers: ["Cookie": cookie]).status == 401)
        }
    }

    @Test func `Whoever is not signed in is led to sign in, and back to where they wanted to be`() async throws {
        try await GuardedServer.run { server async throws in
            let reply = try await server.get("/jobs?phase=ready", headers: ["Accept": "text/html"])
            #expect(reply.status == 303)
            #expect(reply.headers["location"] == "/sign-in?next=%2Fjobs%3Fphase%3Dready")
            let page = try await server.get("/sign-in?next=%2Fjobs%3Fphase%3Dready", headers: ["Accept": "text/html"])
            #expect(page.status == 200)
            #expect(page.text.contains(#"name="next" value="/jobs?phase=ready""#))
            // Nothing of the server is on it.
            #expect(!page.text.contains("href=\"/jobs\""))
            for place in ["//evil.example", "/\\evil.example", "https://evil.example", "/a%0d%0aX: y", ""] {
                #expect(SignInView.localPage(place) == "/" || place.hasPrefix("/a"))
                let key = try await server.key(.admin)
                let location = try await Self.signIn(server, key, next: place).reply.headers["location"] ?? ""
                #expect(location == "/", "\(place) leads to \(location)")
            }
        }
    }

    @Test func `A form without the session's token changes nothing`() async throws {
        try await GuardedServer.run { server async throws in
            let key = try await server.key(.admin)
            let job = try await server.job(of: "", key: key)
            let (cookie, other) = (try await Self.signIn(server, key).cookie, try await Self.signIn(server, key).cookie)
            let html = ["Cookie": cookie, "Accept": "text/html"]
            let token = GuardedServer.formToken(in: try await server.get("/jobs/\(job)", headers: html).text)
            let foreign = GuardedServer.formToken(in: try await server.get("/jobs/\(job)", headers: ["Cookie": other, "Accept": "text/html"]).text)
            #expect(token != foreign)
            let headers = Self.form.merging(html) { $1 }
            for fields in ["", "form_token=", "form_token=\(foreign)", "form_token=\(token)x"] {
                #expect(try await server.post("/jobs/\(job)/cancel", fields, headers: headers).status == 403, "\(fields)")
            }
            for origin in ["http://evil.example", "null"] {
                let reply = try await server.post("/jobs/\(job)/cancel", "form_token=\(token)", headers: headers.merging(["Origin": origin]) { $1 })
                #expect(reply.status == 403)
            }
            #expect(try await server.get("/v1/jobs/\(job)", key: key).json["phase"] == "ready")
            // Nor does the API obey a cookie alone, whatever page sent it along.
            for method in [("POST", "/v1/jobs/\(job)/cancel"), ("PATCH", "/v1/queues/default"), ("DELETE", "/v1/triggers/t")] {
                #expect(try await server.send(method.0, method.1, "{}", headers: ["Cookie": cookie]).status == 403)
            }
            #expect(try await server.post("/jobs/\(job)/cancel", "form_token=\(token)", headers: headers).status == 303)
            let script = ["Cookie": cookie, "X-Form-Token": token]
            #expect(try await server.post("/v1/jobs/\(job)/revive", headers: script).status == 200)
        }
    }

    @Test func `Every form that posts carries the token`() throws {
        for (name, text) in PageRenderer.templates {
            let text = String(decoding: text, as: UTF8.self)
            for form in text.matches(of: /<form [^>]*method="post"[^>]*>/) where name != "sign-in" {
                #expect(text[form.range.upperBound...].hasPrefix("{{>form-token}}"), "\(name)")
            }
        }
    }

    @Test func `A session ends with a sign-out, with its key, and with its time`() async throws {
        try await GuardedServer.run {
            $0.sessionLifetime = .seconds(5)
            $0.signInRate = Rate(count: 100, per: .seconds(1))
        } _: { server async throws in
            let (record, secret) = try await server.keys.create(NewKey(name: "k", scopes: .everything))
            let (first, second) = (try await Self.signIn(server, secret.text).cookie, try await Self.signIn(server, secret.text).cookie)
            let token = GuardedServer.formToken(in: try await server.get("/jobs", headers: ["Cookie": first, "Accept": "text/html"]).text)
            let out = try await server.post("/sign-out", "form_token=\(token)", headers: Self.form.merging(["Cookie": first]) { $1 })
            #expect(out.status == 303)
            #expect(out.headers["set-cookie"]?.contains("Max-Age=0") == true)
            #expect(try await server.get("/v1/jobs", headers: ["Cookie": first]).status == 401)
            #expect(try await server.get("/v1/jobs", headers: ["Cookie": second]).status == 200)
            while try await server.get("/v1/jobs", headers: ["Cookie": second]).status == 200 {}
            let third = try await Self.signIn(server, secret.text).cookie
            #expect(try await server.get("/v1/jobs", headers: ["Cookie": third]).status == 200)
            try await server.keys.revoke(record.id)
            while try await server.get("/v1/jobs", headers: ["Cookie": third]).status == 200 {}
            #expect(try await Self.signIn(server, secret.text).reply.status == 401)
        }
    }

    @Test func `Attempts to sign in are limited for each address and each key, and told to the audit`() async throws {
        try await GuardedServer.run {
            $0.signInRate = Rate(count: 3, per: .seconds(3600))
            $0.trustedProxies = [Network("127.0.0.1")].compactMap { $0 }
        } _: { server async throws in
            let key = try await server.key(.admin)
            let wrong = "mk_\(key.dropFirst(3).prefix(12))_\(String(repeating: "a", count: 58))"
            var statuses: [Int] = []
            for _ in 0..<5 { statuses.append(try await Self.signIn(server, "guess", headers: ["X-Forwarded-For": "203.0.113.7"]).reply.status) }
            #expect(statuses == [401, 401, 401, 429, 429])
            // From elsewhere it goes on, until the key's own limit.
            statuses = []
            for number in 0..<5 {
                statuses.append(try await Self.signIn(server, wrong, headers: ["X-Forwarded-For": "203.0.113.\(number + 20)"]).reply.status)
            }
            #expect(statuses == [401, 401, 401, 429, 429])
            let refused = try await Self.signIn(server, key, headers: ["X-Forwarded-For": "203.0.113.40"]).reply
            #expect(refused.status == 429)
            #expect(Int(refused.headers["retry-after"] ?? "") ?? 0 > 0)
            let events = try await server.server.memory.read(StreamName.audit, after: 0, limit: 100).events
            let refusals = events.filter { $0.type == AuditAction.refuseSignIn.rawValue }
            #expect(refusals.count == 6)
            #expect(refusals.first?.data.json["address"] == "203.0.113.7")
            #expect(refusals.last?.data.json["target"]?.stringValue == "key/\(key.dropFirst(3).prefix(12))")
            #expect(!events.contains { $0.data.text.contains("guess") })
        }
    }

    @Test func `Behind TLS the cookie is bound to the host, and only a trusted proxy says so`() async throws {
        try await GuardedServer.run {
            $0.trustedProxies = [Network("127.0.0.0/8")].compactMap { $0 }
        } _: { server async throws in
            let key = try await server.key(.admin)
            let tls = ["X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "Origin": "https://localhost"]
            let (reply, cookie) = try await Self.signIn(server, key, headers: tls)
            #expect(reply.headers["set-cookie"]?.hasPrefix("__Host-martlet=") == true)
            #expect(reply.headers["set-cookie"]?.contains("; Secure") == true)
            #expect(try await server.get("/v1/jobs", headers: tls.merging(["Cookie": cookie]) { $1 }).status == 200)
            // Whoever can set cookies for a neighbouring host cannot set this one.
            let planted = cookie.replacing("__Host-martlet", with: "martlet-session")
            #expect(try await server.get("/v1/jobs", headers: tls.merging(["Cookie": planted]) { $1 }).status == 401)
        }
        try await GuardedServer.run { server async throws in
            let reply = try await Self.signIn(server, try await server.key(.admin), headers: ["X-Forwarded-Proto": "https"]).reply
            #expect(reply.headers["set-cookie"]?.hasPrefix("martlet-session=") == true)
        }
    }
}
