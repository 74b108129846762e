import Glibc
import MartletCore
import Vault

/// One process of a test that has several, each with its own `Connections` over one database and one store. See `Tests/oauth`.
///
///     vault-probe connect|credentials|token|sweep|show NAME=VALUE…
///
/// It says what it has come to, one line at a time, and waits for lines that tell it to go on.
@main
struct VaultProbe {
    static func main() async throws {
        let settings = try ProbeSettings(CommandLine.arguments.dropFirst(2))
        switch CommandLine.arguments.dropFirst().first {
        case "connect": try await OpenProbe.with(settings) { try await connect(settings, $0) }
        case "credentials": try await OpenProbe.with(settings) { try await credentials(settings, $0) }
        case "token": try await OpenProbe.with(settings) { try await token(settings, $0) }
        case "sweep": try await OpenProbe.with(settings) { try await sweep($0) }
        case "show": try await OpenProbe.with(settings) { try await show(settings, $0) }
        default: throw ProbeSettings.Fault(reason: "the first argument is connect, credentials, token, sweep or show")
        }
    }

    static func say(_ text: String) {
        let line = text + "\n"
        _ = write(STDOUT_FILENO, line, line.utf8.count)
    }

    /// Says `authorize URL`, and waits for `STATE CODE`.
    private static func connect(_ settings: ProbeSettings, _ probe: OpenProbe) async throws {
        try await probe.connections.define(try settings.provider())
        let link = try await probe.connections.begin(
            AuthorizationOrder(
                provider: try settings.text("client"), connection: try settings.text("name"), parameters: settings.parameters,
                redirectURI: try settings.text("redirect"),
                session: "browser"))
        say("authorize \(link.url)")
        let answer = (readLine() ?? "").split(separator: " ").map(String.init)
        guard answer.count == 2 else { throw ProbeSettings.Fault(reason: "a state and a code must come back") }
        do {
            let connection = try await probe.connections.complete(AuthorizationCallback(state: answer[0], code: answer[1]), session: "browser")
            say("connected \(connection.id)")
        } catch let error as AuthorizationError {
            say("error \(error)")
        }
    }

    private static func credentials(_ settings: ProbeSettings, _ probe: OpenProbe) async throws {
        try await probe.connections.define(try settings.provider())
        let name = try settings.text("name")
        let provider = try settings.text("client")
        say("connected \(try await probe.connections.connect(name, provider: provider, parameters: settings.parameters).id)")
    }

    /// Says `ready`, waits for a line, asks for a token, and says `token VERSION VALUE` or `error WHY`.
    private static func token(_ settings: ProbeSettings, _ probe: OpenProbe) async throws {
        let id = try settings.connection()
        let patience = try settings.seconds("within", 30)
        say("ready")
        _ = readLine()
        await probe.running {
            let before = probe.uptime
            do {
                let token = try await Self.token(id, within: patience, probe)
                say("token \(token.version) \(token.value)")
            } catch {
                say("error \(error)")
            }
            say("took \((probe.uptime - before).inSeconds)")
        }
    }

    private static func token(_ id: JobID, within patience: Duration, _ probe: OpenProbe) async throws -> AccessToken {
        while true {
            do {
                return try await probe.connections.token(for: id, within: patience)
            } catch ConnectionError.notRunning {
                // It begins to run in another task, soon.
                await Task.yield()
            }
        }
    }

    /// Says `ready`, and refreshes what is due until its input ends.
    private static func sweep(_ probe: OpenProbe) async throws {
        say("ready")
        _ = readLine()
        await probe.running {
            say("sweeping")
            _ = readLine()
        }
        say("stopped")
    }

    /// Says the connection's state, and everything that its owner and the operator were told.
    private static func show(_ settings: ProbeSettings, _ probe: OpenProbe) async throws {
        let connection = try await probe.connections.connection(try settings.connection())
        say("state \(connection.state.rawValue) version \(connection.version) failures \(connection.failures)")
        for stream in [connection.stream, StreamName.audit] {
            for event in try await probe.store.read(stream, after: 0, limit: Limits.eventPageMax).events {
                say("\(stream == StreamName.audit ? "audit" : "event") \(event.type)")
            }
        }
    }
}
