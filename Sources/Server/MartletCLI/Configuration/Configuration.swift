import MartletCore
import MartletHTTP
import Vault

/// Everything `martlet` can be told, from all its sources, checked whole.
struct Configuration: Sendable {
    var listen = ListenAddress.standard
    var store: StoreAddress
    /// Where services and applications keep their own tables.
    var database: DatabaseAddress
    /// Whether the store was named outside the file.
    var isStoreNamed = false
    /// Refuses a store that may lose accepted work, in place of a warning.
    var requiresDurable = false
    var roles = Set(Role.allCases)
    var engine = EngineSettings()
    var log = LogSettings()
    /// By kind.
    var commands: [String: CommandSettings] = [:]
    var queues: [String: QueuePolicy] = [:]
    var triggers: [String: Trigger] = [:]
    /// The senders of webhooks, by the name in the path they post to.
    var hooks: [String: HookSource] = [:]
    /// Further names by which requests may call the server.
    var hostNames: Set<String> = []
    /// Who is let in.
    var access = AccessConfiguration()
    /// Where the key of the vault is; `nil` where this server keeps no secrets and no connections.
    var vault: KeySource?
    /// Private networks that requests to others' servers may reach.
    var outboundNetworks: [Network] = []
    /// The file that was read, if any; absolute.
    var file: String?
    /// The folder of the file, or the current one: the working directory of commands, and what a path in the file is relative to.
    var folder: String

    /// The settings that can be given outside the file, by path.
    static let overridable =
        ["listen", "store", "database", "require_durable", "roles", "log.level", "log.format", "access.jwt.secret", keyFileSetting]
        + EngineSettings.known.filter { $0 != "retry" }.map { "engine.\($0)" }

    static let fileName = "martlet.yaml"

    /// The variable of the environment that sets `path`: `engine.concurrency` is `MARTLET_ENGINE_CONCURRENCY`.
    static func variable(for path: String) -> String { "MARTLET_" + path.uppercased().replacing(".", with: "_") }

    /// What the configuration says about jobs of this kind.
    func defaults(for kind: String) -> KindDefaults { commands[kind]?.defaults ?? KindDefaults() }
}
