import MartletCore

/// Leave for one call under one limit, to be taken from a bucket that all processes share.
struct LimitTicket: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// One of a window's calls.
        case call
        /// The window is over: one call goes ahead and finds out about the next one. One a second, in case it does not come back.
        case probe
        /// The same, after a block.
        case probeBlock
    }

    let kind: Kind
    /// The limit's name; empty for a block.
    let name: String
    /// Of the event that told the limit.
    let sequence: Int
    let rate: Rate

    /// The bucket's name behind the scope's stream.
    var bucket: String {
        switch kind {
        case .call: "\(sequence)/calls"
        case .probe: "\(sequence)/probe"
        case .probeBlock: "\(sequence)/block"
        }
    }

    static func probe(_ kind: Kind, _ name: String, _ sequence: Int) -> LimitTicket {
        LimitTicket(kind: kind, name: name, sequence: sequence, rate: Rate(count: 1, per: .seconds(1)))
    }

    /// `capacity` calls until the window of this length ends: a bucket that gives nothing back before then.
    static func call(_ name: String, _ sequence: Int, capacity: Int, lasts span: Duration) -> LimitTicket {
        LimitTicket(kind: .call, name: name, sequence: sequence, rate: rate(capacity: capacity, lasts: span))
    }

    /// Each call is given back after twice the window where that is possible. A rate's span ends at a year, so of very many calls in a very long
    /// window some come back inside of it: by so many there are fewer.
    private static func rate(capacity: Int, lasts span: Duration) -> Rate {
        let spanMax: Int64 = 366 * 86_400_000_000
        let window = max(1, span.microseconds)
        let capacity = min(max(1, capacity), 1_000_000_000)
        let (wanted, overflow) = window.multipliedReportingOverflow(by: 2 * Int64(capacity))
        if !overflow, wanted <= spanMax { return Rate(count: capacity, per: .microseconds(wanted)) }
        let returned = Double(window) / (Double(spanMax) / Double(capacity))
        return Rate(count: max(1, capacity - Int(returned.rounded(.up)) - 1), per: .microseconds(spanMax))
    }
}
