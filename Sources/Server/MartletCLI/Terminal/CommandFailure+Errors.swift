import MartletCore
import MartletHTTP
import Vault

extension CommandFailure {
    /// What an error means for the exit code, and what to say about it.
    init(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as ConfigurationError: self.init(.usage, "\(error)")
        case let error as StoreError: self.init(Self.code(of: error), "\(error)")
        case let fault as KeyFault: self.init(Self.code(of: fault), "\(fault)")
        case let error as HTTPConfigurationError: self.init(.usage, "listen: \(error)")
        case let error as VaultError: self.init(Self.code(of: error), "\(error)")
        case is CancellationError: self.init(.failed, "interrupted")
        default: self.init(.failed, "\(error)")
        }
    }

    private static func code(of fault: KeyFault) -> Code {
        switch fault {
        case .notFound: .notFound
        case .tooMany: .refused
        case .invalid: .usage
        }
    }

    static func code(of error: StoreError) -> Code {
        switch error {
        case .notFound: .notFound
        case .keyTaken, .idTaken, .queueFull, .wrongPhase, .invalid, .tooLarge: .refused
        case .leaseLost, .unavailable, .corrupt: .failed
        }
    }
}
