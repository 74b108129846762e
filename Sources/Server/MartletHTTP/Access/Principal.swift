/// Who makes a request, and whose data it sees.
struct Principal: Sendable, Hashable {
    /// What the audit calls it: the name of a key, or the subject of a token.
    let name: String
    /// The one tenant that it sees and writes for; `nil` sees all.
    let tenant: String?

    /// Who comes from this machine to a server without keys.
    static let local = Principal(name: "local", tenant: nil)

    func sees(_ tenant: String) -> Bool { self.tenant == nil || self.tenant == tenant }
}
