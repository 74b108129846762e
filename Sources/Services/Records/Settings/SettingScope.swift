/// What a setting is set for. The nearest that is set counts: the entity's, else its tenant's, else the default.
public enum SettingScope: Sendable, Hashable {
    case tenant(String)
    /// A user, a project, a connection: whatever an application has settings for, under a name of its choice.
    case entity(String, tenant: String)

    var tenant: String {
        switch self {
        case .tenant(let name), .entity(_, let name): name
        }
    }

    /// Empty for the tenant's own.
    var entity: String {
        switch self {
        case .tenant: ""
        case .entity(let name, _): name
        }
    }

    /// The nearest first.
    var layers: [SettingScope] {
        switch self {
        case .tenant: [self]
        case .entity(_, let tenant): [self, .tenant(tenant)]
        }
    }

    /// Under which its values are cached. The length in front keeps the two names apart, whatever is in them.
    var key: String { "\(tenant.utf8.count):\(tenant)/\(entity)" }
}
