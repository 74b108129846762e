import ProcessPool
import ServiceLifecycle

/// Runs the pool of commands beside the engine. It is stopped after the engine, so that commands under way can be ended with their grace.
struct CommandService: Service {
    let commands: CommandPool

    func run() async {
        await withGracefulShutdownHandler {
            await commands.run()
        } onGracefulShutdown: {
            commands.stop()
        }
    }
}
