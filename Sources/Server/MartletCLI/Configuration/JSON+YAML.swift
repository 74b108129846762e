import MartletCore
import Yams

extension JSON {
    /// A YAML value by the rules of YAML 1.2's JSON schema: an unquoted `null`, `true`, `false` or number is one, all else is text. So a payload
    /// of `{ country: no }` holds the text `no`, as it looks, and numbers keep their digits.
    init(yaml node: Node) {
        switch node {
        case .mapping(let mapping):
            self = .object(mapping.map { .init($0.key.scalar?.string ?? "", JSON(yaml: $0.value)) })
        case .sequence(let sequence):
            self = .array(sequence.map(JSON.init(yaml:)))
        case .scalar(let scalar):
            self = JSON(plain: scalar.string, isPlain: scalar.style == .plain || scalar.style == .any)
        case .alias:
            // The composer puts the anchored value in an alias's place.
            self = .null
        }
    }

    private init(plain text: String, isPlain: Bool) {
        guard isPlain else {
            self = .string(text)
            return
        }
        if text.isEmpty || text == "~" {
            self = .null
            return
        }
        do throws(JSONError) {
            switch try JSON(parsing: text) {
            case .null: self = .null
            case .bool(let flag): self = .bool(flag)
            case .number(let digits): self = .number(digits)
            default: self = .string(text)
            }
        } catch {
            self = .string(text)
        }
    }
}
