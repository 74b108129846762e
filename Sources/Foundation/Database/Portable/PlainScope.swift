/// A transaction that remembers nothing.
final class PlainScope: WriteScope {
    let connection: Connection

    init(_ connection: Connection) {
        self.connection = connection
    }

    func finish() {}
    var isUnwritten: Bool { false }
    func forget() {}
    func committed() {}
}
