/// Why a setting was not read or written. Holds no value.
public enum SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A name or a value that is not taken.
    case invalid(setting: String, reason: String)
    /// What is stored is not of the setting's type: another version of the program has written it.
    case unreadable(setting: String, scope: SettingScope)

    public var description: String {
        switch self {
        case .invalid(let setting, let reason): "the setting '\(setting)' \(reason)"
        case .unreadable(let setting, .tenant(let tenant)):
            "what is stored for the setting '\(setting)' of tenant '\(tenant)' is not of its type: set it anew, or remove it"
        case .unreadable(let setting, .entity(let entity, let tenant)):
            "what is stored for the setting '\(setting)' of '\(entity)' of tenant '\(tenant)' is not of its type: set it anew, or remove it"
        }
    }
}
