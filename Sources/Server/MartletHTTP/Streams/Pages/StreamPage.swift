import MartletCore
import NIOCore
import Synchronization

/// A run of events of one stream without a gap: read once and encoded once, however many readers it goes to.
final class StreamPage: Sendable {
    /// Never empty.
    let events: [Event]
    private let encoded: Mutex<[StreamEncoding: EncodedEvents]> = Mutex([:])

    init(_ events: [Event]) {
        precondition(!events.isEmpty, "a page has events")
        self.events = events
    }

    var stream: String { events[0].stream }
    var first: Int { events[0].sequence }
    var last: Int { events[events.count - 1].sequence }
    /// Roughly what the page takes up.
    var size: Int { events.reduce(0) { $0 + $1.data.utf8.count + $1.type.utf8.count + 128 } }

    func encoded(as encoding: StreamEncoding) -> EncodedEvents {
        encoded.withLock { encoded in
            if let known = encoded[encoding] { return known }
            let made = EncodedEvents(events, as: encoding)
            encoded[encoding] = made
            return made
        }
    }
}
