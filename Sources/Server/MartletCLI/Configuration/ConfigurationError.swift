/// Everything that is wrong with a configuration, at once, so that nobody mends it one error at a time.
struct ConfigurationError: Error, CustomStringConvertible {
    /// In the order of the file; what came from elsewhere goes first.
    let faults: [ConfigurationFault]

    var description: String {
        let count = faults.count == 1 ? "1 error" : "\(faults.count) errors"
        return (["the configuration has \(count):"] + faults.map { "  \($0)" }).joined(separator: "\n")
    }
}
