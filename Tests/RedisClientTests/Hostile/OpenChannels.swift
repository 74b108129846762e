import NIOCore
import Synchronization

final class OpenChannels: Sendable {
    private let channels = Mutex<[any Channel]>([])

    func add(_ channel: any Channel) -> Int {
        channels.withLock { channels in
            channels.append(channel)
            return channels.count
        }
    }

    var all: [any Channel] { channels.withLock { $0 } }
    var count: Int { channels.withLock { $0.count } }
}
