import MartletCore
import MartletHTTP
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TenantTests {
    @Test func `A tenant's jobs are enqueued in its name, whatever they say`() async throws {
        try await GuardedServer.run { server async throws in
            let (admin, key) = (try await server.key(.admin), try await server.key(.jobsRead, .jobsWrite, tenant: "b"))
            let own = try await server.post("/v1/jobs", #"{"kind":"a","payload":1}"#, key: key)
            #expect(own.status == 201)
            #expect(try own.json["tenant"] == "b")
            #expect(try await server.post("/v1/jobs", #"{"kind":"a","payload":1,"tenant":"b"}"#, key: key).status == 201)
            let other = try await server.post("/v1/jobs", #"{"kind":"a","payload":1,"tenant":"a"}"#, key: key)
            #expect(other.status == 403)
            #expect(try other.problem == "forbidden")
            let batch = #"[{"kind":"a","payload":1},{"kind":"a","payload":1,"tenant":"a"},{"kind":"a","payload":1,"tenant":"b"}]"#
            let answer = try await server.post("/v1/jobs/batch", batch, key: key)
            #expect(try answer.json["accepted"] == 2 && answer.json["refused"] == 1)
            let lines = batch.dropFirst().dropLast().replacing("},{", with: "}\n{")
            let ndjson = ["Content-Type": "application/x-ndjson"]
            #expect(try await server.post("/v1/jobs/batch", String(lines), key: key, headers: ndjson).json["refused"] == 1)
            let all = try await server.get("/v1/jobs?limit=100", key: admin).json["jobs"]?.description ?? ""
            #expect(!all.contains(#""tenant":"a""#))
        }
    }

    @Test func `Lists hold a tenant's own jobs, whatever the filter asks for`() async throws {
        try await GuardedServer.run { server async throws in
            let admin = try await server.key(.admin)
            for tenant in ["a", "b", ""] { _ = try await server.job(of: tenant, key: admin) }
            let key = try await server.key(.jobsRead, tenant: "b")
            for query in ["", "?tenant=b", "?queue=default", "?kind=test"] {
                guard case .array(let jobs)? = try await server.get("/v1/jobs\(query)", key: key).json["jobs"] else {
                    Issue.record("no list")
                    return
                }
                #expect(jobs.map { $0["tenant"] } == ["b"], "\(query)")
            }
            for query in ["?tenant=a", "?tenant="] { #expect(try await server.get("/v1/jobs\(query)", key: key).json["jobs"] == []) }
        }
    }

    @Test func `A key of one tenant collides with no other tenant's job`() async throws {
        try await GuardedServer.run { server async throws in
            let (a, b) = (try await server.key(.jobsWrite, tenant: "a"), try await server.key(.jobsWrite, tenant: "b"))
            let job = #"{"kind":"k","payload":{"secret":1},"key":"same","on_conflict":"replace"}"#
            let first = try await server.post("/v1/jobs", job, key: a)
            let second = try await server.post("/v1/jobs", job, key: b)
            #expect(first.status == 201 && second.status == 201)
            let id = try #require(try first.json["id"]?.stringValue)
            let taken = try await server.post("/v1/jobs", #"{"kind":"k","payload":{"secret":1},"id":"\#(id)"}"#, key: b)
            #expect(taken.status == 409)
            #expect(!taken.text.contains("secret"))
        }
    }

    @Test func `S3-11: a tenant reads the streams of its own jobs alone, however ids are guessed`() async throws {
        try await GuardedServer.run { server async throws in
            let admin = try await server.key(.admin)
            let key = try await server.key(.jobsRead, .eventsRead, tenant: "b")
            let own = try await server.job(of: "b", key: admin)
            var foreign = [try await server.job(of: "a", key: admin), try await server.job(of: "", key: admin)]
            let random = SeededRandom(seed: 11)
            // Ids next to a real one, and others: what exists must not answer differently from what does not.
            for _ in 0..<40 {
                var digits = Array(foreign[Int(random.next() % 2)])
                digits[digits.count - 1 - Int(random.next() % 8)] = Array("0123456789abcdef")[Int(random.next() % 16)]
                if String(digits) != own { foreign.append(String(digits)) }
            }
            #expect(try await server.get("/v1/streams/job/\(own)", key: key).status == 200)
            for id in foreign + foreign.map({ $0.uppercased() }) {
                for path in ["/v1/jobs/\(id)", "/v1/jobs/\(id)/events", "/v1/streams/job/\(id)", "/v1/streams/job%2F\(id)"] {
                    let reply = try await server.get(path, key: key)
                    #expect(reply.status == 404, "\(path)")
                    #expect(try reply.json["detail"]?.stringValue?.contains("does not exist") == true)
                }
            }
            for stream in ["notes", "audit", "queue/default", "tenant/a/x", "tenant/b", "tenant/bc/x", "hooks/github", "job/x"] {
                #expect(try await server.get("/v1/streams/\(stream)", key: key).status == 404, "\(stream)")
            }
            #expect(try await server.get("/v1/streams/tenant/b/x", key: key).status == 200)
        }
    }

    @Test func `A tenant appends under its own prefix alone`() async throws {
        try await GuardedServer.run { server async throws in
            let key = try await server.key(.eventsWrite, .eventsRead, tenant: "b/c")
            #expect(try await server.post("/v1/events", #"{"stream":"tenant/b%2Fc/x","type":"t"}"#, key: key).status == 201)
            for stream in ["tenant/b/c/x", "x", "tenant/a/x", "audit"] {
                let reply = try await server.post("/v1/events", #"{"stream":"\#(stream)","type":"t"}"#, key: key)
                #expect(reply.status == (stream == "audit" ? 400 : 403), "\(stream)")
            }
            let mixed = try await server.post(
                "/v1/events", #"[{"stream":"tenant/b%2Fc/x","type":"t"},{"stream":"x","type":"t"}]"#, key: key)
            #expect(mixed.text.contains(#""status":201"#) && mixed.text.contains(#""status":403"#))
            #expect(try await server.server.memory.read("x", after: 0, limit: 1).last == 0)
        }
    }

    @Test func `Pages show a tenant its own jobs, and no counts of anybody`() async throws {
        try await GuardedServer.run { server async throws in
            let admin = try await server.key(.admin)
            let (own, foreign) = (try await server.job(of: "b", key: admin), try await server.job(of: "a", key: admin))
            let key = try await server.key(.jobsRead, .jobsWrite, tenant: "b")
            let page = ["Accept": "text/html"]
            let list = try await server.get("/jobs", key: key, headers: page).text
            #expect(list.contains(own) && !list.contains(foreign))
            // Neither queues nor kinds of others are suggested, nor jobs counted.
            #expect(!list.contains("<option") && !list.contains("class=\"num soft\""))
            #expect(!list.contains("href=\"/triggers\""))
            #expect(try await server.get("/jobs?tenant=a", key: key, headers: page).text.contains(foreign) == false)
            #expect(try await server.get("/jobs/\(own)", key: key, headers: page).status == 200)
            #expect(try await server.get("/jobs/\(foreign)", key: key, headers: page).status == 404)
            #expect(try await server.get("/", key: key, headers: page).headers["location"] == "/jobs")
            for path in ["/queues/default", "/triggers"] { #expect(try await server.get(path, key: key, headers: page).status == 403) }
            let form = ["Origin": "http://localhost", "Content-Type": "application/x-www-form-urlencoded"]
            #expect(try await server.post("/jobs/\(foreign)/cancel", key: key, headers: form).status == 404)
            #expect(try await server.post("/jobs/\(own)/cancel", key: key, headers: form).status == 303)
        }
    }

    @Test func `A key with a tenant is not given what concerns everybody`() {
        for scope in Scope.allCases {
            let isGiven = NewKey(name: "k", scopes: Scopes([scope]), tenant: "t").fault == nil
            #expect(isGiven == Scopes.ofTenants.contains(scope), "\(scope)")
            // A token says what it likes: what is not for tenants is taken away.
            let principal = Principal(name: "p", scopes: Scopes([scope]), tenant: "t")
            #expect(principal.may(scope) == isGiven)
        }
        #expect(!Principal(name: "p", scopes: .everything, tenant: "t").may(.work))
    }
}
