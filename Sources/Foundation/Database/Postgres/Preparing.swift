import Synchronization

/// Whether statements are prepared. Turned off for a whole pool as soon as a server connection turns out not to be the one it was.
final class Preparing: Sendable {
    private let isOn: Mutex<Bool>

    init(isOn: Bool) {
        self.isOn = Mutex(isOn)
    }

    var isEnabled: Bool { isOn.withLock { $0 } }
    func disable() { isOn.withLock { $0 = false } }
}
