/// One thing that is wrong with a configuration: where it stands, which setting it is, and what it must be.
struct ConfigurationFault: Sendable, Hashable, CustomStringConvertible {
    /// Where a value was given.
    enum Origin: Sendable, Hashable, CustomStringConvertible {
        case file(name: String, line: Int)
        /// A variable of the environment.
        case environment(String)
        /// A flag, with its dashes.
        case flag(String)

        var description: String {
            switch self {
            case .file(let name, let line): "\(name):\(line)"
            case .environment(let name): name
            case .flag(let name): name
            }
        }
    }

    var origin: Origin
    /// The setting, as in `queues.media.rate.per`; empty for the file as a whole.
    var path: String
    var reason: String

    var description: String { path.isEmpty ? "\(origin): \(reason)" : "\(origin): \(path): \(reason)" }
}
