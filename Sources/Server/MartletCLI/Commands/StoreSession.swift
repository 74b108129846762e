import MartletCore

/// An open store with what a command needs beside it.
struct StoreSession {
    let configuration: Configuration
    let store: any Store
    let environment: Environment
    var terminal: Terminal { .standard }

    func pause(_ duration: Duration) async throws {
        try await environment.clock.sleep(for: duration)
    }
}
