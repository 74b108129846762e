import Database

extension DatabaseFailure {
    static let unknownCode = DatabaseFailure(
        .corrupt, reason: "a row holds a value that this build does not know: restore the database from a backup", mayHaveHappened: false)
}
