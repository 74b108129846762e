import ProcessPool

/// A result that a test did not allow for.
struct Unexpected: Error {
    let result: CommandResult

    init(_ result: CommandResult) {
        self.result = result
    }
}
