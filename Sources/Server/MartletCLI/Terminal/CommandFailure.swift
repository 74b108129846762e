/// Why a command could not do what it was asked, and the exit code that says so to scripts.
struct CommandFailure: Error, CustomStringConvertible {
    enum Code: Int32, Sendable {
        /// It failed, or a job it waited for did.
        case failed = 1
        /// The command line or the configuration is wrong.
        case usage = 2
        /// No such job, queue, trigger, store or file.
        case notFound = 3
        /// The store refused it: a taken key, a full queue, a job in the wrong phase, a value out of bounds.
        case refused = 4
    }

    let code: Code
    /// Empty where everything has been said.
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
