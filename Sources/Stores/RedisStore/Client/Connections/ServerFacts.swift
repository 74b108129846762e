/// What a server says of itself when it greets.
struct ServerFacts: Sendable, Hashable {
    /// Such as "7.0.15"; empty where the server does not say.
    var version = ""
    var role = ""
    var mode = ""
    /// 3, or 2 for a server that knows no `HELLO`.
    var resp = 3

    init() {}

    init(greeting: RESPValue) {
        version = greeting["version"]?.string ?? ""
        role = greeting["role"]?.string ?? ""
        mode = greeting["mode"]?.string ?? ""
        resp = greeting["proto"]?.int ?? 3
    }
}
