import MartletCore
import MartletHTTP
import Records
import Yams

extension Configuration {
    private static let sections = [
        "listen", "store", "database", "require_durable", "roles", "engine", "log", "commands", "queues", "triggers", "hooks", "host_names", "access",
        "vault", "outbound",
    ]

    /// Reads a configuration whole.
    /// - Parameters:
    ///   - yaml: the text of the file; `nil` where there is none.
    ///   - overrides: what was given outside it, by path.
    ///   - folder: the folder of the file, or the current one.
    ///   - currentFolder: what a store path given outside the file is relative to.
    /// - Throws: everything that is wrong with it.
    init(
        yaml: String?, fileName: String = Configuration.fileName, overrides: [String: ConfigurationReader.Override] = [:], folder: String,
        currentFolder: String? = nil
    ) throws(ConfigurationError) {
        let store = StoreAddress.sqlite(path: FilePaths.absolute("martlet.db", in: folder))
        self.init(store: store, database: DatabaseAddress(beside: store, in: folder), folder: folder)
        let reader = ConfigurationReader(fileName: fileName, overrides: overrides)
        let root = ConfigurationSection(Self.compose(yaml, reader), at: "", known: Self.sections, reader)
        readAddresses(root, overrides, currentFolder ?? folder)
        requiresDurable = root.flag("require_durable") ?? false
        if let roles = root.roles() { self.roles = roles }
        engine = EngineSettings(root.section("engine", known: EngineSettings.known))
        let log = root.section("log", known: ["level", "format", "retention", "records"])
        if let level = log.choice("level", LogSettings.Level.self) { self.log.level = level }
        if let format = log.choice("format", LogSettings.Format.self) { self.log.format = format }
        if let age = log.span("retention", above: .zero) { self.log.retention.age = age }
        if let count = log.integer("records", 1...1_000_000_000) { self.log.retention.count = count }
        for (kind, section) in root.section("commands", known: nil).named(known: CommandSettings.known) {
            commands[kind] = CommandSettings(kind, section, folder: folder)
        }
        for (name, section) in root.section("queues", known: nil).named(known: QueuePolicy.known) {
            queues[name] = QueuePolicy(section)
        }
        for (name, section) in root.section("hooks", known: nil).named(known: ["headers"]) {
            hooks[name] = section.list("headers").map { HookSource(headers: Set($0.map { $0.lowercased() })) } ?? HookSource()
        }
        access = AccessConfiguration(root.section("access", known: AccessConfiguration.known), folder: folder)
        readVault(root, overrides, currentFolder ?? folder)
        readOutbound(root)
        hostNames = Set(root.list("host_names") ?? [])
        for (name, section) in root.section("triggers", known: nil).named(known: Trigger.known) {
            triggers[name] = Trigger(section, defaults: defaults(for:))
        }
        guard reader.faults.isEmpty else { throw ConfigurationError(faults: reader.faults.sorted(by: Self.precedes)) }
    }

    private mutating func readAddresses(_ root: ConfigurationSection, _ overrides: [String: ConfigurationReader.Override], _ currentFolder: String) {
        if let text = root.text("listen") {
            if let address = ListenAddress(text) {
                listen = address
            } else {
                root.fail("listen", "must be an address and a port, as in 127.0.0.1:8080")
            }
        }
        isStoreNamed = overrides["store"] != nil
        if let text = root.text("store") {
            if let address = StoreAddress(text, relativeTo: overrides["store"] == nil ? folder : currentFolder) {
                store = address
            } else {
                root.fail("store", StoreAddress.hint)
            }
        }
        database = DatabaseAddress(beside: store, in: folder)
        if let text = root.text("database") {
            if let address = DatabaseAddress(text, relativeTo: overrides["database"] == nil ? folder : currentFolder) {
                database = address
                if let path = address.path, path == store.path {
                    root.fail("database", "must be another file than the store's, which has one writer and that is the engine")
                }
            } else {
                root.fail("database", DatabaseAddress.hint)
            }
        }
    }

    /// The document's root, or `nil` where there is none or it is no YAML.
    private static func compose(_ yaml: String?, _ reader: ConfigurationReader) -> Node? {
        guard let yaml else { return nil }
        do {
            return try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            let (line, reason) = describe(error)
            reader.fail(.file(name: reader.fileName, line: line), "", reason)
        } catch {
            reader.fail(.file(name: reader.fileName, line: 1), "", "cannot be read as YAML")
        }
        return nil
    }

    private static func describe(_ error: YamlError) -> (line: Int, reason: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            (mark.line, "is not YAML at column \(mark.column): \(problem)")
        case .duplicatedKeysInMapping(let names, let context):
            (context.mark.line, "has the same key twice: \(names.joined(separator: ", "))")
        case .reader(let problem, _, _, _): (1, "is not text in UTF-8: \(problem)")
        default: (1, "cannot be read as YAML")
        }
    }

    /// What came from flags and the environment first, then the file by line.
    private static func precedes(_ a: ConfigurationFault, _ b: ConfigurationFault) -> Bool {
        func line(_ fault: ConfigurationFault) -> Int {
            if case .file(_, let line) = fault.origin { line } else { 0 }
        }
        return (line(a), a.path) < (line(b), b.path)
    }
}

extension ConfigurationSection {
    /// A list in the file; names with commas between them outside it.
    fileprivate func roles() -> Set<Role>? {
        let names = reader.override(at: path("roles")).map { $0.text.split(separator: ",").map(String.init) } ?? list("roles")
        guard let names else { return nil }
        var roles: Set<Role> = []
        for name in names {
            guard let role = Role(rawValue: name) else {
                fail("roles", "'\(Limits.cut(name, to: 40))' is not a role; known are \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
                continue
            }
            roles.insert(role)
        }
        if names.isEmpty { fail("roles", "must name at least one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))") }
        return roles
    }
}
