import Foundation
import MartletCore
import ProcessPool

extension Configuration {
    /// Reads the configuration from where a user keeps it: flags go before the environment, that before the file, that before the defaults.
    /// - Parameters:
    ///   - flags: the flags that were given, by the path of their setting; each with its name.
    ///   - file: the file named by `--config`; else `MARTLET_CONFIG`, else `martlet.yaml` in the current folder where there is one.
    /// - Throws: `ConfigurationError`; `CommandFailure` for a named file that cannot be read.
    static func load(
        flags: [String: ConfigurationReader.Override] = [:], file: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment,
        currentFolder: String = FilePaths.currentFolder
    ) throws -> Configuration {
        let named = file ?? environment["MARTLET_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let path = FilePaths.absolute(named ?? fileName, in: currentFolder)
        var overrides: [String: ConfigurationReader.Override] = [:]
        for setting in overridable {
            let variable = variable(for: setting)
            // An empty variable is an unset one: that is how a service manager clears it.
            if let text = environment[variable], !text.isEmpty { overrides[setting] = .init(text: text, origin: .environment(variable)) }
        }
        overrides.merge(flags) { _, flag in flag }
        guard named != nil || FilePaths.exists(path) else {
            var configuration = try Configuration(yaml: nil, overrides: overrides, folder: currentFolder)
            configuration.commands = ["hello": .hello(folder: currentFolder)]
            configuration.findVaultKey(overrides, environment)
            return configuration
        }
        var configuration = try Configuration(
            yaml: try read(path), fileName: named ?? fileName, overrides: overrides, folder: FilePaths.folder(of: path), currentFolder: currentFolder)
        configuration.file = path
        configuration.findVaultKey(overrides, environment)
        return configuration
    }

    private static func read(_ path: String) throws -> String {
        do {
            return try String(contentsOf: URL(filePath: path), encoding: .utf8)
        } catch {
            throw CommandFailure(.notFound, "the configuration \(path) cannot be read: is it there, and readable for this user?")
        }
    }
}

extension CommandSettings {
    /// The one command there is without any configuration, so that a new user's first job has something to run. It takes a few seconds, so that
    /// there is something to watch.
    static func hello(folder: String) -> CommandSettings {
        let script = """
            for i in 1 2 3 4 5; do
              echo "hello, step $i of 5"
              echo "{\\"martlet\\":{\\"progress\\":0.$((i * 2 - 1)),\\"message\\":\\"step $i of 5\\"}}"
              sleep 0.6
            done
            echo '{"martlet":{"progress":1,"message":"done"}}'
            echo '{"martlet":{"result":{"hello":"world"}}}'
            """
        return CommandSettings(spec: CommandSpec(kind: "hello", arguments: ["/bin/sh", "-c", script], workingDirectory: folder))
    }
}
