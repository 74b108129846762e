import ArgumentParser

/// `martlet work`.
struct WorkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work", abstract: "Run jobs of the same store in one more process, without HTTP.")

    /// `media:4,default:10`; a queue without a number takes as many as there are slots.
    struct QueueShares: ExpressibleByArgument {
        let shares: [String: Int]

        init?(argument: String) {
            var shares: [String: Int] = [:]
            for part in argument.split(separator: ",") {
                guard let colon = part.lastIndex(of: ":") else {
                    shares[String(part)] = Int.max
                    continue
                }
                guard colon > part.startIndex, let count = Int(part[part.index(after: colon)...]), count > 0 else { return nil }
                shares[String(part[..<colon])] = count
            }
            guard !shares.isEmpty else { return nil }
            self.shares = shares
        }
    }

    @Option(help: "The queues to take from, with how many jobs of each may run here at once: media:4,default:10. Default: all.")
    var queues: QueueShares?
    @OptionGroup var options: RunOptions

    func run() async throws {
        var configuration = try options.configuration()
        configuration.roles.remove(.api)
        guard !configuration.roles.isEmpty else { throw ValidationError("work needs one of the roles worker and triggers") }
        try await Supervisor(configuration, queues: queues?.shares).run()
    }
}
