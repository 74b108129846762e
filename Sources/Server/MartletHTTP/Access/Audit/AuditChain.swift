import Crypto
import MartletCore

/// The hash chain over the stream `audit`.
///
/// The chain is a function of the stream alone: `hash(n) = SHA-256(hash(n - 1) ‖ canonical(n))` over the sequence numbers, which the store gives out
/// without gaps, beginning with 32 zero bytes. So it cannot fork, however many servers append at once. *Seals* among the entries state the hash
/// of all that stands before them: whoever changes, removes or adds an entry before a seal contradicts it, and every later one.
///
/// Canonical is, in UTF-8 with a line feed after each: the sequence number, the time as the API writes it, the type, and the data as JSON without
/// white space and with members sorted by the bytes of their names.
public struct AuditChain: Sendable, Hashable {
    static let sealType = "seal"

    /// The last entry that the hash covers.
    public private(set) var sequence = 0
    public private(set) var hash = [UInt8](repeating: 0, count: 32)

    public init() {}

    /// Goes on behind a seal, whose word is taken.
    init?(after seal: Event) {
        guard let stated = Self.stated(by: seal) else { return nil }
        (sequence, hash) = stated
    }

    /// - Returns: `false` where the entry is not the next one.
    public mutating func add(_ event: Event) -> Bool {
        guard event.sequence == sequence + 1 else { return false }
        hash = Array(SHA256.hash(data: hash + Self.canonical(event)))
        sequence = event.sequence
        return true
    }

    var seal: NewEvent {
        let data: JSON = ["through": .integer(sequence), "hash": .string(Self.text(hash))]
        return NewEvent(stream: StreamName.audit, type: Self.sealType, data: Payload(data))
    }

    /// What a seal says.
    static func stated(by seal: Event) -> (sequence: Int, hash: [UInt8])? {
        let data = seal.data.json
        guard seal.type == sealType, let sequence = data["through"]?.integerValue, sequence >= 0, sequence < seal.sequence,
            let hash = data["hash"]?.stringValue.flatMap(bytes)
        else { return nil }
        return (sequence, hash)
    }

    static func text(_ hash: [UInt8]) -> String {
        hash.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        guard text.utf8.count == 64 else { return nil }
        let digits = Array(text)
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let byte = UInt8(String(digits[index...(index + 1)]), radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    static func canonical(_ event: Event) -> [UInt8] {
        Array("\(event.sequence)\n\(event.at)\n\(event.type)\n\(sorted(event.data.json))\n".utf8)
    }

    private static func sorted(_ json: JSON) -> JSON {
        switch json {
        case .object(let members):
            .object(
                members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }.map { JSON.Member($0.name, sorted($0.value)) })
        case .array(let elements): .array(elements.map(sorted))
        default: json
        }
    }
}
