import MartletCore

/// One deployment of Martlet in a Redis: its keys all begin with the same hash tag, so that a cluster keeps them in one slot. That is not for
/// want of spreading: a settlement, its events and its children in other queues become visible together or not at all (invariant 9), and
/// what Redis does in one step lies in one slot.
struct Deployment: Sendable, Hashable {
    static let standard = "martlet"
    private static let nameMax = 64

    let name: String

    init(_ name: String = Self.standard) throws(StoreError) {
        guard !name.isEmpty, name.utf8.count <= Self.nameMax, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x7B && $0 != 0x7D }) else {
            throw .invalid(field: "prefix", reason: "must be from 1 to \(Self.nameMax) visible ASCII characters without braces")
        }
        self.name = name
    }

    /// What every key begins with, and the one key that every call names.
    var tag: String { "{\(name)}" }

    var hints: String { "\(tag):hints" }

    /// Takes the option `prefix` out of an address.
    static func split(_ url: String) throws(StoreError) -> (deployment: Deployment, url: String) {
        let halves = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2 else { return (try Deployment(), url) }
        let options = halves[1].split(separator: "&", omittingEmptySubsequences: false)
        let isPrefix: (Substring) -> Bool = { $0.hasPrefix("prefix=") }
        let rest = options.filter { !isPrefix($0) }.joined(separator: "&")
        let name = options.first(where: isPrefix).map { String($0.dropFirst("prefix=".count)) }
        return (try Deployment(name ?? standard), rest.isEmpty ? String(halves[0]) : "\(halves[0])?\(rest)")
    }
}
