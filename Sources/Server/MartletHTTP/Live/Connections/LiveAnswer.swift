import NIOCore

/// What was found for a subscription.
enum LiveAnswer: Sendable {
    case admitted
    /// The stream does not exist, or not for this reader: the two look the same.
    case hidden
    /// A page that follows the reader's position.
    case page(LivePage)
    /// The store could not be asked.
    case unavailable
}
