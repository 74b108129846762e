import ServiceLifecycle
import Vault

/// Keeps the tokens of connections fresh beside the engine. It is stopped after the engine, whose jobs ask for tokens until they end; a refresh that
/// is under way then comes to its end, because its reply must not be lost.
struct ConnectionService: Service {
    let connections: Connections

    func run() async {
        await withGracefulShutdownHandler {
            await connections.run()
        } onGracefulShutdown: {
            connections.stop()
        }
    }
}
