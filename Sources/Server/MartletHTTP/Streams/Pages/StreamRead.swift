/// What a look at a stream found for a reader at `after`.
struct StreamRead: Sendable {
    enum End: Sendable {
        /// The store has been asked, and this is all there was.
        case reached
        /// This is all that is at hand: what is newer announces itself.
        case known
        /// There is more.
        case further
    }

    let after: Int
    /// What follows; `nil` where nothing does.
    let slice: PageSlice?
    /// The first sequence number still kept, where retention has removed some that the reader does not have.
    let gap: Int?
    let end: End

    /// Where the reader stands with all of it.
    var position: Int { slice?.last ?? gap.map { max(after, $0 - 1) } ?? after }
}
