import Database
import MartletCore

/// A job's labels as they are stored: a JSON object, sorted by name.
enum Labels {
    static func encode(_ labels: [String: String]) -> String? {
        if labels.isEmpty { return nil }
        let members = labels.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
        return JSON.object(members).description
    }

    static func decode(_ bytes: [UInt8]) throws -> [String: String] {
        guard case .object(let members) = Payload(trusted: bytes).json else { throw DatabaseFailure.unknownCode }
        var labels: [String: String] = [:]
        for member in members {
            guard let value = member.value.stringValue else { throw DatabaseFailure.unknownCode }
            labels[member.name] = value
        }
        return labels
    }
}
