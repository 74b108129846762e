import Foundation
import MartletCore

/// Reads what a handler returned, the way the engine wrote it.
enum ResultDecoding {
    static func decode<Value: Decodable>(_ type: Value.Type, from payload: Payload) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: Data(payload.utf8))
    }
}
