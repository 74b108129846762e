import Database
import Foundation
import MartletCore
import MartletHTTP

/// A server that asks for keys, with the table they are in.
struct GuardedServer: Sendable {
    let server: TestServer
    let keys: KeyTable
    /// Of the database.
    let path: String

    /// An issuer that is never asked.
    struct NoIssuer: KeySetSource {
        struct Asked: Error {}

        func fetch(_ url: String, bytesMax: Int) async throws -> [UInt8] { throw Asked() }
    }

    static func withKeys<Value: Sendable>(_ body: (KeyTable, String) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(MartletCore.Environment.system.makeJobID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: "keys.db").path(percentEncoded: false)
        let database = try await SQLDatabase.open("sqlite:\(path)", schemas: [KeyTable.schema], environment: .system)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(KeyTable(database, environment: .system), path))
        } catch {
            result = .failure(error)
        }
        await database.close()
        try FileManager.default.removeItem(at: folder)
        return try result.get()
    }

    /// - Parameter isEmpty: whether no key has been made before the server starts.
    static func run(
        _ change: (inout AccessConfiguration) -> Void = { _ in }, http: (inout HTTPConfiguration) -> Void = { _ in },
        through wrap: (MemoryStore) -> any Store = { $0 }, source: any KeySetSource = NoIssuer(), isEmpty: Bool = false,
        _ body: @escaping @Sendable (GuardedServer) async throws -> Void
    ) async throws {
        try await withKeys { keys, path in
            if !isEmpty { _ = try await keys.create(NewKey(name: "first", scopes: .everything)) }
            var configuration = AccessConfiguration()
            configuration.failureRate = Rate(count: 100_000, per: .seconds(1))
            change(&configuration)
            let access = try await AccessControl.open(configuration, keys: keys, source: source, environment: .system, logger: TestServer.silent)
            try await TestServer.run(http, through: wrap, access: access) { server in
                try await body(GuardedServer(server: server, keys: keys, path: path))
            }
        }
    }

    func key(_ scopes: Scope..., tenant: String? = nil) async throws -> String {
        try await keys.create(NewKey(name: "test", scopes: Scopes(scopes), tenant: tenant)).secret.text
    }

    func send(_ method: String, _ path: String, _ body: String? = nil, key: String? = nil, headers: [String: String] = [:]) async throws -> Reply {
        var headers = headers
        if let key { headers["Authorization"] = "Bearer \(key)" }
        return try await server.send(method, path, body, headers: headers)
    }

    func get(_ path: String, key: String? = nil, headers: [String: String] = [:]) async throws -> Reply {
        try await send("GET", path, key: key, headers: headers)
    }

    func post(_ path: String, _ body: String = "", key: String? = nil, headers: [String: String] = [:]) async throws -> Reply {
        try await send("POST", path, body, key: key, headers: headers)
    }

    /// The token that a page's forms carry.
    static func formToken(in html: String) -> String {
        guard let start = html.firstRange(of: "name=\"form_token\" value=\"") else { return "" }
        return String(html[start.upperBound...].prefix { $0 != "\"" })
    }

    /// Enqueues for a tenant, and gives the job's id.
    func job(of tenant: String, key: String) async throws -> String {
        try await post("/v1/jobs", #"{"kind":"test","payload":{"of":"\#(tenant)"},"tenant":"\#(tenant)"}"#, key: key).json["id"]?.stringValue ?? ""
    }
}
