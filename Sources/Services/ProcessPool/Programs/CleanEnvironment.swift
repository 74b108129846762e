import Glibc
import MartletCore

/// The variables a command starts with. It is built up from nothing, so that a secret in the server's environment reaches a command only
/// when the configuration names it.
enum CleanEnvironment {
    /// Passed on to every command where the server has them.
    static let always = ["PATH", "HOME", "LANG", "TZ"]
    /// For a server that was started without one.
    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    static func make(_ spec: CommandSpec, _ run: CommandRun, server: (String) -> String?) -> [String: String] {
        var variables = ["PATH": defaultPath]
        for name in always + spec.inheritedVariables {
            if let value = server(name) { variables[name] = value }
        }
        variables.merge(spec.variables) { $1 }
        for (name, value) in run.facts {
            variables[name == "id" ? "MARTLET_JOB_ID" : "MARTLET_\(name.uppercased())"] = value
        }
        return variables
    }

    /// A variable of this process.
    @Sendable static func ofThisProcess(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
