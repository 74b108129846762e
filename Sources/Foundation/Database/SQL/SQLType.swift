/// The types that a value can have in both engines.
public enum SQLType: Sendable, Hashable {
    case boolean, integer, real, text, bytes, instant, id, json

    /// The type's number in PostgreSQL, fixed for ever (`pg_type.dat`): bool, int8, float8, text, bytea, timestamptz, uuid, jsonb.
    var oid: UInt32 {
        switch self {
        case .boolean: 16
        case .integer: 20
        case .real: 701
        case .text: 25
        case .bytes: 17
        case .instant: 1184
        case .id: 2950
        case .json: 3802
        }
    }

    /// The number of the array of this type.
    var arrayOID: UInt32 {
        switch self {
        case .boolean: 1000
        case .integer: 1016
        case .real: 1022
        case .text: 1009
        case .bytes: 1001
        case .instant: 1185
        case .id: 2951
        case .json: 3807
        }
    }
}
