import Logging
import MartletCore

/// One line of the log.
public struct LogRecord: Sendable, Hashable {
    /// The bounds of one record; what is longer is cut.
    static let textBytes = 1024
    static let metadataCount = 32

    /// Grows by one with each record of a log.
    public var sequence: Int
    public var at: Timestamp
    public var level: Logger.Level
    /// The part of the program that speaks: the logger's name, as in `martlet.http`.
    public var category: String
    /// The process that wrote it; empty where there is one alone.
    public var node: String
    public var message: String
    public var metadata: [String: String]

    public init(
        sequence: Int, at: Timestamp, level: Logger.Level, category: String, node: String = "", message: String, metadata: [String: String]
    ) {
        self.sequence = sequence
        self.at = at
        self.level = level
        self.category = category
        self.node = node
        self.message = message
        self.metadata = metadata
    }

    /// A record without a number yet, cut to its bounds.
    public init(at: Timestamp, level: Logger.Level, category: String, node: String, message: String, metadata: Logger.Metadata) {
        var texts: [String: String] = [:]
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }).prefix(Self.metadataCount) {
            texts[Self.clean(name, Limits.nameBytes)] = Self.clean("\(value)", Self.textBytes)
        }
        self.init(
            sequence: 0, at: at, level: level, category: Self.clean(category, Limits.nameBytes), node: Self.clean(node, Limits.nameBytes),
            message: Self.clean(message, Self.textBytes), metadata: texts)
    }

    /// Cut, and without the one character that no PostgreSQL text can hold.
    private static func clean(_ text: String, _ bytes: Int) -> String {
        let cut = Limits.cut(text, to: bytes)
        return cut.utf8.contains(0) ? cut.replacing("\0", with: "\u{FFFD}") : cut
    }

    /// What it takes in memory, about.
    var bytes: Int { metadata.reduce(message.utf8.count + 200) { $0 + $1.key.utf8.count + $1.value.utf8.count + 32 } }

    static func json(_ metadata: [String: String]) -> JSON {
        .object(metadata.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
    }
}
