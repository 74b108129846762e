import Synchronization

/// The handlers of one engine. Filled before `run`; a kind has one handler.
final class HandlerRegistry: Sendable {
    private let handlers = Mutex<[String: Handler]>([:])

    func add(_ handler: Handler) {
        handlers.withLock { handlers in
            precondition(handlers[handler.kind] == nil, "the kind '\(handler.kind)' has two handlers")
            handlers[handler.kind] = handler
        }
    }

    subscript(kind: String) -> Handler? { handlers.withLock { $0[kind] } }

    var all: [Handler] { handlers.withLock { $0.values.sorted { $0.kind < $1.kind } } }
}
