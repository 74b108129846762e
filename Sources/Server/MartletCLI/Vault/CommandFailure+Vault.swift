import Vault

extension CommandFailure {
    static func code(of error: VaultError) -> Code {
        switch error {
        case .notFound: .notFound
        case .alreadyInitialised, .invalid, .noNewKey: .refused
        case .notInitialised, .keyMissing, .keyUnreadable, .keyExposed: .usage
        case .damaged: .failed
        }
    }
}
