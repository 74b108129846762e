@testable import Vault

/// How something ended that runs beside the test.
enum Outcome: Sendable, Equatable {
    case token(String)
    case failed(ConnectionError)
    case other(String)

    static func of(_ body: @Sendable () async throws -> AccessToken) async -> Outcome {
        do {
            return .token(try await body().value)
        } catch let error as ConnectionError {
            return .failed(error)
        } catch {
            return .other("\(error)")
        }
    }

    var failure: ConnectionError? {
        if case .failed(let error) = self { error } else { nil }
    }
}
