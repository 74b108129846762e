import ProcessPool

/// What a server says when it is ready: where everything is, and one command to try.
struct Banner {
    private let configuration: Configuration
    /// `nil` for a process without HTTP.
    private let port: Int?

    init(_ configuration: Configuration, port: Int?) {
        self.configuration = configuration
        self.port = port
    }

    func show(on terminal: Terminal) {
        var facts: [(name: String, value: String)] = []
        if let port { facts.append(("dashboard", "http://\(ListenAddress(host: configuration.listen.host, port: port))/")) }
        facts.append(("store", configuration.store.path ?? "\(configuration.store)"))
        facts.append(("database", configuration.database.path ?? "\(configuration.database)"))
        facts.append(("configuration", configuration.file ?? "none, as there is no \(Configuration.fileName) here"))
        let kinds = configuration.commands.keys.sorted()
        facts.append(("commands", kinds.isEmpty ? "none" : kinds.joined(separator: ", ")))
        if let kind = kinds.first { facts.append(("try", tryLine(kind))) }
        terminal.say(terminal.style("martlet \(Version.text) is ready", .bold))
        for (name, value) in facts { terminal.say("  \(name)\(String(repeating: " ", count: 15 - name.count))\(value)") }
    }

    /// A command that works as it stands, from this folder.
    private func tryLine(_ kind: String) -> String {
        var words = [Process.invocation, "enqueue", kind]
        if let payload = examplePayload(kind) { words += ["--payload", "'\(payload)'"] }
        words.append("--follow")
        if let file = configuration.file, file != FilePaths.absolute(Configuration.fileName, in: FilePaths.currentFolder) {
            words += ["--config", file]
        }
        if configuration.isStoreNamed { words += ["--store", configuration.store.path ?? "'\(configuration.store)'"] }
        return words.joined(separator: " ")
    }

    /// The members that the command's placeholders ask for.
    private func examplePayload(_ kind: String) -> String? {
        let arguments = configuration.commands[kind]?.spec.arguments ?? []
        let names = arguments.flatMap { argument in
            argument.split(separator: "{").filter { $0.hasPrefix("payload.") }.compactMap {
                $0.dropFirst(8).split(separator: "}").first.map(String.init)
            }
        }
        guard !names.isEmpty else { return nil }
        return "{" + Set(names).sorted().map { "\"\($0)\":\"…\"" }.joined(separator: ",") + "}"
    }
}
