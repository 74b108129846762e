import Database

/// What is left in a table.
enum SQLCount {
    case authorizations, verifiers

    var sql: SQL {
        switch self {
        case .authorizations: "SELECT COUNT(*) FROM vault_authorizations"
        case .verifiers: "SELECT COUNT(*) FROM vault_secrets WHERE kind = 'authorization'"
        }
    }
}
