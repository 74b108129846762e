import Logging

extension Logger {
    /// Says nothing: what is measured is the engine, not the terminal.
    static var silent: Logger { Logger(label: "martlet.bench") { _ in SwiftLogNoOpLogHandler() } }
}
