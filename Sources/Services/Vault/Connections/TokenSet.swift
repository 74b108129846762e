import MartletCore

/// The tokens of a connection, as they are sealed together.
struct TokenSet: Sendable, Equatable {
    let access: Secret
    let refresh: Secret?

    init(access: Secret, refresh: Secret?) {
        self.access = access
        self.refresh = refresh
    }

    /// `nil` where these are no tokens.
    init?(_ sealed: Secret) throws {
        let json = try JSON(parsing: sealed.bytes)
        guard let access = json["access"]?.stringValue else { return nil }
        self.init(access: Secret(access), refresh: json["refresh"]?.stringValue.map { Secret($0) })
    }

    var secret: Secret {
        Secret(JSON.object([.init("access", .string(access.text)), .init("refresh", refresh.map { .string($0.text) } ?? .null)]).utf8)
    }
}
