import MartletCore
import Vault

/// What a probe is told: `NAME=VALUE` each.
struct ProbeSettings: Sendable {
    struct Fault: Error, CustomStringConvertible {
        let reason: String
        var description: String { "vault-probe: \(reason)" }
    }

    private let values: [String: String]

    init(_ arguments: some Sequence<String>) throws {
        var values: [String: String] = [:]
        for argument in arguments {
            guard let equals = argument.firstIndex(of: "=") else { throw Fault(reason: "\(argument) is not NAME=VALUE") }
            values[String(argument[..<equals])] = String(argument[argument.index(after: equals)...])
        }
        self.values = values
    }

    func text(_ name: String) throws -> String {
        guard let value = values[name] else { throw Fault(reason: "\(name) is missing") }
        return value
    }

    func seconds(_ name: String, _ standard: Double) throws -> Duration {
        guard let value = values[name] else { return .microseconds(Int64(standard * 1e6)) }
        guard let seconds = Double(value) else { throw Fault(reason: "\(name) is no number") }
        return .microseconds(Int64(seconds * 1e6))
    }

    func connection() throws -> JobID {
        guard let id = JobID(try text("id")) else { throw Fault(reason: "id is none") }
        return id
    }

    /// What fills the placeholder of the server's endpoints.
    var parameters: [String: String] { values["entity"].map { ["entity_id": $0] } ?? [:] }

    /// Whether the leases of this process are held without looking after them: as by one that was paused and does not know.
    var isHeedless: Bool { values["heedless"] != nil }

    var sweeps: Bool { values["sweep"] != nil }

    /// The authorization server of the test. `grace` is for how long after a lost reply it is asked once more.
    func provider() throws -> OAuthProvider {
        let server = try text("server")
        let path = parameters.isEmpty ? "" : "/{entity_id}"
        let client = try text("client")
        var provider = OAuthProvider(
            name: client, authorizationEndpoint: "\(server)/authorize", tokenEndpoint: "\(server)\(path)/token", clientID: client,
            clientSecret: Secret(try text("secret")))
        provider.revocationEndpoint = "\(server)/revoke"
        provider.scopes = ["profile"]
        provider.rotation = .always(grace: try seconds("grace", 30))
        return provider
    }
}
