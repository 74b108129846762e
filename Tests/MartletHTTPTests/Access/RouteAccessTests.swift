import Foundation
import HTTPTypes
import Hummingbird
import Martlet
import MartletCore
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(2)))
struct RouteAccessTests {
    struct Route: Sendable {
        let method: HTTPRequest.Method
        /// As the router and the rules have it.
        let path: String

        var rule: RouteRule { RouteRules.standard.rule(method, path) }

        /// An address that this route answers.
        func address(job: String) -> String {
            path.replacing("{id}", with: job).replacing("{job}", with: job).replacing("{name}", with: "n").replacing("**", with: "notes")
                .replacing("{file}", with: "style.css").replacing("{source}", with: "github")
        }

        /// A body that is right for the route.
        var body: String? {
            switch (method, path) {
            case (.post, "/v1/jobs"): #"{"kind":"a","payload":1}"#
            case (.post, "/v1/jobs/batch"): #"[{"kind":"a","payload":1}]"#
            case (.post, "/v1/jobs/{id}/signal"): #"{"name":"s"}"#
            case (.post, "/v1/events"): #"{"stream":"notes","type":"t"}"#
            case (.post, "/v1/claim"): #"{"node":"n","kinds":["a"]}"#
            case (.post, "/v1/settle"): #"{"settlements":[]}"#
            case (.post, "/v1/leases/{job}/events"): #"{"epoch":1,"events":[]}"#
            case (.post, "/v1/leases/{job}/settle"): #"{"epoch":1,"outcome":"succeeded"}"#
            case (.post, _) where path.hasPrefix("/v1/leases/"): #"{"epoch":1}"#
            case (.put, "/v1/triggers/{name}"): #"{"cron":"* * * * *","job":{"kind":"a"}}"#
            case (.patch, _): #"{"concurrency":1}"#
            case (.get, _): nil
            default: ""
            }
        }
    }

    /// Every route of the server, by its router.
    static func routes() throws -> [Route] {
        let engine = Engine(store: MemoryStore(environment: .system), configuration: EngineConfiguration(node: NodeID("test")))
        let backend = Backend(
            engine: engine, configuration: try HTTPConfiguration(), streams: OpenStreams(limit: 1), metrics: MetricsRegistry(), logs: LogRing())
        let router = HTTPServer.makeRouter(backend)
        try Dashboard(engine: engine).addRoutes(to: router)
        return router.routes.filter { $0.method != .head }.map { Route(method: $0.method, path: $0.path.description) }
    }

    @Test func `Every route has a rule of its own`() throws {
        let routes = try Self.routes()
        #expect(routes.count > 40)
        for route in routes {
            #expect(RouteRules.standard.own(route.method, route.path) != nil, "\(route.method) \(route.path) has no rule: add it to RouteRules")
        }
        #expect(RouteRules.standard.rule(.get, "/v1/something-new") == .needs(.admin))
    }

    @Test func `Every operation of the description states the rule of its route`() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../openapi.yaml")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
        var stated: [String: String] = [:]
        var (path, method) = ("", "")
        for line in lines {
            if line.hasPrefix("  /"), line.hasSuffix(":") { path = String(line.dropFirst(2).dropLast()) }
            if line.hasPrefix("    "), !line.hasPrefix("     "), line.hasSuffix(":") { method = line.dropFirst(4).dropLast().uppercased() }
            if line.hasPrefix("      security: ") { stated["\(method) \(path)"] = String(line.dropFirst(16)) }
        }
        for route in try Self.routes() where !Self.isPage(route.path) {
            let expected =
                switch route.rule {
                case .everybody: "[]"
                case .somebody: "[{ bearer: [] }, { session: [] }]"
                case .needs(let scope): #"[{ bearer: ["\#(scope.rawValue)"] }, { session: ["\#(scope.rawValue)"] }]"#
                }
            let operation = "\(route.method.rawValue) \(route.path.replacing("**", with: "{name}"))"
            #expect(stated[operation] == expected, "\(operation)")
        }
    }

    private static func isPage(_ path: String) -> Bool {
        path == "/" || ["/jobs", "/queues", "/triggers", "/assets", "/sign"].contains { path.hasPrefix($0) }
    }

    @Test func `No route but the open ones answers somebody without a key`() async throws {
        let routes = try Self.routes()
        try await GuardedServer.run { server async throws in
            let job = try await server.job(of: "a", key: try await server.key(.admin))
            for route in routes {
                for key in [nil, "wrong", "mk_aaaaaaaaaaaa_\(String(repeating: "a", count: 58))", "a.b.c"] {
                    let reply = try await server.send(route.method.rawValue, route.address(job: job), route.body, key: key)
                    let isOpen = route.rule == .everybody
                    #expect((reply.status == 401) != isOpen || route.path == "/sign-in", "\(route.method) \(route.path) answers \(reply.status)")
                    if !isOpen { #expect(reply.headers["www-authenticate"]?.hasPrefix("Bearer") == true) }
                }
            }
        }
    }

    @Test func `No route answers a key with every scope but the right one`() async throws {
        let routes = try Self.routes()
        try await GuardedServer.run { server async throws in
            let admin = try await server.key(.admin)
            let job = try await server.job(of: "a", key: admin)
            for route in routes {
                guard case .needs(let scope) = route.rule else { continue }
                let others = Scopes(Scope.allCases.filter { $0 != scope && $0 != .admin })
                let key = try await server.keys.create(NewKey(name: "all but one", scopes: others)).secret.text
                let reply = try await server.send(route.method.rawValue, route.address(job: job), route.body, key: key)
                #expect(reply.status == 403, "\(route.method) \(route.path) answers \(reply.status)")
                #expect(try reply.problem == "forbidden")
            }
            // Streams are asked for by name.
            for (stream, scope) in [("notes", Scope.eventsRead), ("audit", .admin), ("job/\(job)", .jobsRead)] {
                let others = Scopes(Scope.allCases.filter { $0 != scope && $0 != .admin })
                let key = try await server.keys.create(NewKey(name: "all but one", scopes: others)).secret.text
                #expect(try await server.get("/v1/streams/\(stream)", key: key).status == 403, "\(stream)")
                #expect(try await server.get("/v1/streams/\(stream)", key: admin).status == 200, "\(stream)")
            }
        }
    }

    /// Where a job of somebody else is named it is missing; what concerns everybody is forbidden; what is left shows the tenant's own.
    @Test func `H3-7: no route shows or changes what belongs to another tenant`() async throws {
        let routes = try Self.routes()
        try await GuardedServer.run { server async throws in
            let admin = try await server.key(.admin)
            let job = try await server.job(of: "a", key: admin)
            let before = try await server.get("/v1/jobs/\(job)", key: admin).text
            let key = try await server.key(.jobsRead, .jobsWrite, .eventsRead, .eventsWrite, tenant: "b")
            for route in routes where route.rule != .everybody {
                let reply = try await server.send(route.method.rawValue, route.address(job: job), route.body, key: key)
                let name = "\(route.method.rawValue) \(route.path)"
                if case .needs(let scope) = route.rule, !Scopes.ofTenants.contains(scope) {
                    #expect(reply.status == 403, "\(name) answers \(reply.status)")
                } else if route.path.contains("{id}") {
                    // A page's form is refused for where it comes from, before anybody looks at the job.
                    #expect(reply.status == 404 || reply.status == 403 && !route.path.hasPrefix("/v1/"), "\(name) answers \(reply.status)")
                } else if route.path == "/v1/streams/**" {
                    #expect(reply.status == 404)
                }
                // A refusal names the job that was asked for, as it was asked for.
                #expect(!reply.text.contains(#""of":"a""#) && (reply.status >= 400 || !reply.text.contains(job)), "\(name)")
            }
            #expect(try await server.get("/v1/jobs/\(job)", key: admin).text == before)
        }
    }
}
