import Logging
import MartletCore

/// Writes the log to standard error: a line for people, or a JSON object.
struct TerminalLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let label: String
    private let format: LogSettings.Format
    private let clock: any EngineClock
    private let terminal: Terminal

    init(label: String, settings: LogSettings, clock: any EngineClock, terminal: Terminal) {
        self.label = label
        self.clock = clock
        self.terminal = terminal
        format = settings.format
        logLevel = settings.level.loggerLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let facts = metadata.merging(event.metadata ?? [:]) { _, new in new }.sorted { $0.key < $1.key }.map { (key: $0.key, value: "\($0.value)") }
        switch format {
        case .text: terminal.note(Self.line(clock.now(), event.level, "\(event.message)", facts))
        case .json: terminal.note(Self.object(clock.now(), event.level, label, "\(event.message)", facts).description)
        }
    }

    static func line(_ time: Timestamp, _ level: Logger.Level, _ message: String, _ facts: [(key: String, value: String)]) -> String {
        let name = level.rawValue.uppercased()
        var line = "\(clockText(time)) \(name)\(String(repeating: " ", count: max(0, 8 - name.count))) \(message)"
        for (key, value) in facts { line += " \(key)=\(quoted(value))" }
        return line
    }

    /// Always to the millisecond, so that the columns stand.
    private static func clockText(_ time: Timestamp) -> String {
        let text = Timestamp(microseconds: time.microseconds / 1000 * 1000).description
        return text.contains(".") ? text : text.replacing("Z", with: ".000Z")
    }

    private static func quoted(_ value: String) -> String {
        let value = TextWidth.harmless(value)
        let isPlain = !value.isEmpty && !value.contains { $0 == " " || $0 == "\"" || $0 == "=" }
        return isPlain ? value : "\"\(value.replacing("\"", with: "\\\""))\""
    }

    static func object(
        _ time: Timestamp, _ level: Logger.Level, _ label: String, _ message: String, _ facts: [(key: String, value: String)]
    ) -> JSON {
        .object(
            [
                .init("at", .string(time.description)), .init("level", .string(level.rawValue)), .init("logger", .string(label)),
                .init("message", .string(message)),
            ] + facts.map { .init($0.key, .string($0.value)) })
    }
}
