import NIOCore

/// The events of a page from one on: what a reader that has the ones before does not have yet.
struct PageSlice: Sendable {
    let page: StreamPage
    /// The place of the first event in the page.
    let start: Int

    /// - Parameter position: the last sequence number that the reader has, below the page's last.
    init(_ page: StreamPage, after position: Int) {
        self.page = page
        start = max(0, position + 1 - page.first)
    }

    var first: Int { page.first + start }
    var last: Int { page.last }

    /// As many events as fit into `bytesMax`, and one at least, with the sequence number of the last of them.
    func encoded(as encoding: StreamEncoding, bytesMax: Int) -> (bytes: ByteBuffer, last: Int) {
        let (bytes, end) = page.encoded(as: encoding).slice(from: start, bytesMax: bytesMax)
        return (bytes, page.first + end - 1)
    }
}
