/// A set of scopes, in one word: it is asked with every request.
public struct Scopes: Sendable, Hashable {
    private var bits: UInt16 = 0

    /// None.
    public init() {}

    public init(_ scopes: some Sequence<Scope>) {
        for scope in scopes { bits |= scope.bit }
    }

    public static let everything = Scopes([.admin])
    /// What a principal of one tenant may be granted. Claiming, queues and triggers know no tenants: who may use them sees everybody's work.
    public static let ofTenants = Scopes([.jobsRead, .jobsWrite, .eventsRead, .eventsWrite])

    public func intersection(_ other: Scopes) -> Scopes {
        Scopes(Scope.allCases.filter { contains($0) && other.contains($0) })
    }

    /// `admin` contains every other.
    public func contains(_ scope: Scope) -> Bool { bits & (scope.bit | Scope.admin.bit) != 0 }

    public var isEmpty: Bool { bits == 0 }

    /// Those that were granted by name, in a fixed order.
    public var granted: [Scope] { Scope.allCases.filter { bits & $0.bit != 0 } }

    /// Names with spaces between them, as in RFC 6749, section 3.3.
    public var text: String { granted.map(\.rawValue).joined(separator: " ") }

    /// The scopes among these names; a name that means nothing here grants nothing.
    public init(names: some Sequence<some StringProtocol>) {
        self.init(names.compactMap { Scope(rawValue: String($0)) })
    }
}
