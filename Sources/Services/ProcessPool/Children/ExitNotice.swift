import Synchronization

/// Tells those who read a command's output that the command is no more.
final class ExitNotice: Sendable {
    private let posted = Atomic(false)

    var isPosted: Bool { posted.load(ordering: .acquiring) }

    func post() { posted.store(true, ordering: .releasing) }
}
