import MartletCore

/// What a column or a binding can hold. SQLite keeps a boolean as 0 or 1, an instant as microseconds since 1970, an id as sixteen
/// bytes and JSON as text; PostgreSQL has a type for each.
public enum SQLValue: Sendable, Hashable {
    case null
    /// A binding that is null, where its type is known: PostgreSQL then need not guess it.
    case nullOf(SQLType)
    case boolean(Bool)
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
    case instant(Timestamp)
    case id(JobID)
    case json(String)
    /// PostgreSQL alone has it.
    case array(SQLArray)

    /// The number of the type in PostgreSQL; zero leaves it to the server.
    var oid: UInt32 {
        switch self {
        case .null: 0
        case .nullOf(let type): type.oid
        case .boolean: SQLType.boolean.oid
        case .integer: SQLType.integer.oid
        case .real: SQLType.real.oid
        case .text: SQLType.text.oid
        case .blob: SQLType.bytes.oid
        case .instant: SQLType.instant.oid
        case .id: SQLType.id.oid
        case .json: SQLType.json.oid
        case .array(let array): array.type.arrayOID
        }
    }

    var isNull: Bool {
        switch self {
        case .null, .nullOf: true
        default: false
        }
    }
}
