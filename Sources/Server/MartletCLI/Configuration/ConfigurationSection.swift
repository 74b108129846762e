import MartletCore
import Yams

/// A mapping of the file, read setting by setting. One that is not there has no settings, but may still be overridden from outside.
struct ConfigurationSection {
    let reader: ConfigurationReader
    /// Empty at the top.
    let path: String
    private let node: Node?
    private let members: [(key: Node, value: Node)]

    /// - Parameter known: the settings this section may have; `nil` where its keys are names that people choose.
    init(_ node: Node?, at path: String, known: [String]?, _ reader: ConfigurationReader) {
        self.reader = reader
        self.path = path
        self.node = node
        guard let node, !node.isNothing else {
            members = []
            return
        }
        guard let mapping = node.mapping else {
            reader.fail(node, path, "must be a mapping of settings" + (known.map { ": \($0.joined(separator: ", "))" } ?? ""))
            members = []
            return
        }
        members = mapping.map { (key: $0.key, value: $0.value) }
        for (key, _) in members {
            guard let name = key.scalar?.string else {
                reader.fail(key, path, "has a key that is not a name")
                continue
            }
            guard let known, !known.contains(name) else { continue }
            let hint = NearestName.of(name, among: known).map { "did you mean '\($0)'?" } ?? "known here: \(known.joined(separator: ", "))"
            reader.fail(key, Self.join(path, name), "is not a setting; \(hint)")
        }
    }

    private static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func path(_ key: String) -> String { Self.join(path, key) }

    func node(_ key: String) -> Node? { members.first { $0.key.scalar?.string == key }?.value }

    /// The names of the members, in the order of the file.
    var names: [String] { members.compactMap { $0.key.scalar?.string } }

    func has(_ key: String) -> Bool { node(key).map { !$0.isNothing } ?? false }

    /// The members with names that people chose, in the order of the file, each a section with these settings.
    func named(known: [String]) -> [(name: String, section: ConfigurationSection)] {
        members.compactMap { key, value in
            guard let name = key.scalar?.string else { return nil }
            if let reason = NewJob.configurationNameFault(name) {
                reader.fail(key, path(name), "the name \(reason)")
                return nil
            }
            return (name, ConfigurationSection(value, at: path(name), known: known, reader))
        }
    }

    func section(_ key: String, known: [String]?) -> ConfigurationSection {
        ConfigurationSection(node(key), at: path(key), known: known, reader)
    }

    /// Says what is wrong with a setting of this section; an empty key means the section itself, and one with dots something inside a setting.
    func fail(_ key: String, _ reason: String) {
        let place = key.isEmpty ? path : path(key)
        let setting = key.split(separator: ".").first.map(String.init) ?? ""
        reader.fail(reader.origin(of: node(key) ?? node(setting) ?? node, at: place), place, reason)
    }

    // MARK: Values

    func text(_ key: String) -> String? { reader.scalar(node(key), at: path(key))?.text }

    func integer(_ key: String, _ range: ClosedRange<Int> = 1...Int.max) -> Int? {
        guard let value = reader.scalar(node(key), at: path(key)) else { return nil }
        guard let number = Int(value.text), range.contains(number) else {
            let bounds = range.upperBound == .max ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            reader.fail(value.origin, path(key), "must be a whole number \(bounds), not '\(Limits.cut(value.text, to: 40))'")
            return nil
        }
        return number
    }

    func real(_ key: String) -> Double? {
        guard let value = reader.scalar(node(key), at: path(key)) else { return nil }
        guard let number = Double(value.text), number.isFinite else {
            reader.fail(value.origin, path(key), "must be a number, not '\(Limits.cut(value.text, to: 40))'")
            return nil
        }
        return number
    }

    func flag(_ key: String) -> Bool? {
        guard let value = reader.scalar(node(key), at: path(key)) else { return nil }
        switch value.text {
        case "true": return true
        case "false": return false
        default:
            reader.fail(value.origin, path(key), "must be true or false, not '\(Limits.cut(value.text, to: 40))'")
            return nil
        }
    }

    /// A number of seconds, or ISO 8601.
    func duration(_ key: String) -> Duration? {
        guard let value = reader.scalar(node(key), at: path(key)) else { return nil }
        guard let duration = Duration(setting: value.text) else {
            reader.fail(value.origin, path(key), "\(Duration.settingRule), not '\(Limits.cut(value.text, to: 40))'")
            return nil
        }
        return duration
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, _: Choice.Type) -> Choice? {
        guard let value = reader.scalar(node(key), at: path(key)) else { return nil }
        guard let choice = Choice(rawValue: value.text) else {
            let known = Choice.allCases.map(\.rawValue)
            let hint = NearestName.of(value.text, among: known).map { "; did you mean '\($0)'?" } ?? ""
            reader.fail(value.origin, path(key), "must be one of \(known.joined(separator: ", "))\(hint)")
            return nil
        }
        return choice
    }

    /// A list of texts; numbers among them are taken as they are spelled.
    func list(_ key: String) -> [String]? {
        guard let node = node(key), !node.isNothing else { return nil }
        guard let sequence = node.sequence else {
            reader.fail(node, path(key), "must be a list, as in [python3, thumbnail.py]")
            return nil
        }
        var texts: [String] = []
        for (index, element) in sequence.enumerated() {
            guard let scalar = element.scalar else {
                reader.fail(element, "\(path(key))[\(index)]", "must be a single value")
                return nil
            }
            texts.append(scalar.string)
        }
        return texts
    }

    /// A mapping of names to texts, such as labels or variables of the environment.
    func texts(_ key: String) -> [String: String]? {
        let names = section(key, known: nil)
        guard has(key) else { return nil }
        var texts: [String: String] = [:]
        for (name, value) in names.members {
            guard let name = name.scalar?.string else { continue }
            guard let text = value.scalar?.string else {
                reader.fail(value, names.path(name), "must be a single value")
                continue
            }
            texts[name] = text
        }
        return texts
    }

    /// Any value, as JSON.
    func json(_ key: String) -> JSON? { node(key).map(JSON.init(yaml:)) }
}

extension NewJob {
    /// What is wrong with a kind, a queue or a trigger of this name.
    fileprivate static func configurationNameFault(_ name: String) -> String? {
        if name.isEmpty { return "must not be empty" }
        if name.utf8.count > Limits.nameBytes { return "must not be longer than \(Limits.nameBytes) bytes" }
        return name.utf8.contains { $0 < 0x20 || $0 == 0x7F } ? "must not hold control characters" : nil
    }
}
