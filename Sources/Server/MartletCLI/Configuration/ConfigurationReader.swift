import MartletCore
import Yams

/// Reads settings and remembers everything that is wrong with them. What it answers for a wrong setting is `nil`, as if nobody had set it:
/// the faults are thrown when all is read, and nothing of a faulty configuration is ever used.
final class ConfigurationReader {
    /// A value that was given outside the file.
    struct Override: Sendable, Hashable {
        var text: String
        var origin: ConfigurationFault.Origin
    }

    let fileName: String
    private let overrides: [String: Override]
    private(set) var faults: [ConfigurationFault] = []

    /// - Parameter overrides: by the path of the setting, as in `engine.concurrency`.
    init(fileName: String, overrides: [String: Override]) {
        self.fileName = fileName
        self.overrides = overrides
    }

    /// A value with the place it came from.
    struct Value {
        let text: String
        let origin: ConfigurationFault.Origin
    }

    func fail(_ origin: ConfigurationFault.Origin, _ path: String, _ reason: String) {
        faults.append(ConfigurationFault(origin: origin, path: path, reason: reason))
    }

    func fail(_ node: Node?, _ path: String, _ reason: String) {
        fail(origin(of: node), path, reason)
    }

    func origin(of node: Node?) -> ConfigurationFault.Origin { .file(name: fileName, line: node?.mark?.line ?? 1) }

    /// Where the setting at `path` comes from, whose value in the file is `node`.
    func origin(of node: Node?, at path: String) -> ConfigurationFault.Origin { overrides[path]?.origin ?? origin(of: node) }

    /// What was given for `path` outside the file.
    func override(at path: String) -> Value? { overrides[path].map { Value(text: $0.text, origin: $0.origin) } }

    /// What stands at `path`: the override where there is one, else the scalar in the file.
    func scalar(_ node: Node?, at path: String) -> Value? {
        if let override = override(at: path) { return override }
        guard let node, !node.isNothing else { return nil }
        guard let scalar = node.scalar else {
            fail(node, path, "must be a single value")
            return nil
        }
        return Value(text: scalar.string, origin: origin(of: node))
    }
}

extension Node {
    /// Whether nothing stands here: `key:` with no value after it.
    var isNothing: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null"].contains(scalar.string)
    }
}
