extension SQLType {
    /// How a column of this type is declared in either engine.
    var names: (sqlite: String, postgres: String) {
        switch self {
        case .boolean: ("INTEGER", "boolean")
        case .integer: ("INTEGER", "bigint")
        case .real: ("REAL", "double precision")
        case .text: ("TEXT", "text")
        case .bytes: ("BLOB", "bytea")
        case .instant: ("INTEGER", "timestamptz")
        case .id: ("BLOB", "uuid")
        case .json: ("TEXT", "jsonb")
        }
    }
}
