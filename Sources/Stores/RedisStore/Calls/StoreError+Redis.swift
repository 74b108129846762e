import MartletCore

extension StoreError {
    init(_ error: RedisError) {
        switch error {
        case .refused(let refusal) where refusal.code == "MARTLETSCHEMA":
            self = .corrupt(reason: "the data in Redis was written by a newer Martlet: run that version, or another prefix")
        case .refused(let refusal) where refusal.kind == .functionFailed || refusal.kind == .wrongType:
            self = .corrupt(reason: refusal.description)
        default: self = .unavailable(reason: error.description, mayHaveHappened: error.mayHaveHappened)
        }
    }
}
