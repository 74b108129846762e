import MartletCore

/// The transitions as a library of Redis functions. Its name holds a digest of its text, so that two generations of Martlet on one Redis each
/// call their own, and a library that is there is the right one.
enum FunctionLibrary {
    /// What the parts share, in the order in which they refer to each other.
    private static let shared: [[UInt8]] = [
        PackageResources.call_lua, PackageResources.rows_lua, PackageResources.queues_lua, PackageResources.indexes_lua,
        PackageResources.finish_lua, PackageResources.enqueue_lua, PackageResources.events_lua, PackageResources.plain_lua,
        PackageResources.flush_lua, PackageResources.sweep_lua,
    ]
    /// The transitions, each with names of its own: Lua allows 200 of them in one scope.
    private static let parts: [[UInt8]] = [
        PackageResources.claim_lua, PackageResources.settle_lua, PackageResources.operate_lua, PackageResources.read_lua,
        PackageResources.query_lua, PackageResources.adopt_lua, PackageResources.library_lua,
    ]

    private static let body: String = {
        let scopes = parts.map { "do\n\(String(decoding: $0, as: UTF8.self))end\n" }
        return (shared.map { String(decoding: $0, as: UTF8.self) } + scopes).joined()
    }()

    static let name: String = {
        // FNV-1a.
        var digest: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in body.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(digest, radix: 16)
        return "martlet_" + String(repeating: "0", count: 16 - digits.count) + digits
    }()

    /// What `FUNCTION LOAD` takes.
    static let source = "#!lua name=\(name)\nlocal LIBRARY = '\(name)'\n\(body)"
}
