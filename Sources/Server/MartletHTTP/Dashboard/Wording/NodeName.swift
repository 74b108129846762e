import MartletCore

/// What people call a node: its host and process, where the name is one that an engine gave itself (`host/boot/pid/start/number`).
struct NodeName {
    let short: String
    let detail: String?

    init(_ node: NodeID) {
        let parts = node.name.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 5 {
            short = String(parts[0])
            detail = "pid \(parts[2])"
        } else {
            short = node.name
            detail = nil
        }
    }

    var text: String { detail.map { "\(short), \($0)" } ?? short }
}
