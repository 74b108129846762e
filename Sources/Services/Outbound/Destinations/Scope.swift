import MartletCore

/// What shares a limit: a destination, one credential of it, one group of endpoints.
public struct Scope: Sendable, Hashable, CustomStringConvertible {
    public let destination: String
    /// The name of a connection or account; never the secret itself.
    public let credential: String?
    /// What the provider counts apart, as the caller knows it: `POST /statuses`.
    public let endpoint: String?

    public init(destination: String, credential: String? = nil, endpoint: String? = nil) {
        self.destination = destination
        self.credential = credential
        self.endpoint = endpoint
    }

    var fault: String? {
        if let credential, let reason = Self.nameFault(credential, bytesMax: 80) { return "the credential's name \(reason)" }
        if let endpoint, let reason = Self.nameFault(endpoint, bytesMax: 48) { return "the endpoint's name \(reason)" }
        return nil
    }

    static func nameFault(_ name: String, bytesMax: Int) -> String? {
        guard !name.isEmpty else { return "must not be empty" }
        guard name.utf8.count <= bytesMax else { return "must not be longer than \(bytesMax) bytes" }
        guard !name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == 0x09 }) else { return "must not hold control characters" }
        return nil
    }

    /// All endpoints of the credential: what a "global" limit is about.
    var whole: Scope { Scope(destination: destination, credential: credential) }

    /// Unambiguous, since no name holds a control character, but names hold slashes: their lengths tell them apart.
    var stream: String {
        "outbound/\(destination.utf8.count).\(credential?.utf8.count ?? -1)/\(destination)/\(credential ?? "")/\(endpoint ?? "")"
    }

    public var description: String { [destination, credential, endpoint].compactMap { $0 }.joined(separator: "/") }
}
