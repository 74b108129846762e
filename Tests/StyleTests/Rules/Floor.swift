/// One row of the table of floors: imports point down only, and targets on one floor do not import each other.
struct Floor {
    let level: Int
    /// Targets of this package it may import.
    let own: Set<String>
    /// Modules of other packages.
    let outside: Set<String>

    /// The standard library's own modules, and what every floor above the core may use of the platform.
    static let platform: Set<String> = ["Swift", "Synchronization", "Glibc", "Foundation", "FoundationEssentials"]

    private static let collections: Set<String> = ["Collections", "DequeModule", "HeapModule", "OrderedCollections"]
    private static let observation: Set<String> = ["Logging", "Metrics", "CoreMetrics", "Tracing", "ServiceLifecycle", "UnixSignals"]
    private static let services: Set<String> = ["Outbound", "OutboundTokens", "Vault", "ProcessPool", "Records"]
    private static let stores: Set<String> = ["SQLiteStore", "PostgresStore", "RedisStore"]
    private static let apps: Set<String> = ["Publishing", "Automation", "Inference", "Clips"]
    private static let appFloor = Floor(
        level: 5, own: services.union(["Martlet", "MartletCore", "MartletHTTP", "Database"]),
        outside: observation.union(["Hummingbird", "HummingbirdWebSocket", "Mustache", "NIOCore", "HTTPTypes", "AsyncHTTPClient", "Yams", "Crypto"]))

    static let table: [String: Floor] = {
        var table: [String: Floor] = [
            "MartletCore": Floor(level: 0, own: [], outside: collections),
            "Database": Floor(level: 1, own: ["MartletCore"], outside: ["GRDB", "GRDBSQLite", "CLibPQ", "Dispatch", "Logging"]),
            "SQLiteStore": Floor(level: 2, own: ["MartletCore", "Database"], outside: collections),
            "PostgresStore": Floor(level: 2, own: ["MartletCore", "Database"], outside: collections),
            "RedisStore": Floor(level: 2, own: ["MartletCore"], outside: collections.union(["NIOCore", "NIOPosix", "NIOSSL", "NIOTLS"])),
            "Outbound": Floor(
                level: 2, own: ["MartletCore"], outside: observation.union(["AsyncHTTPClient", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL"])),
            "Vault": Floor(level: 2, own: ["MartletCore", "Database"], outside: ["Crypto", "_CryptoExtras", "Logging"]),
            "ProcessPool": Floor(level: 2, own: ["MartletCore"], outside: ["Subprocess", "SystemPackage", "CLinux"]),
            "Records": Floor(level: 2, own: ["MartletCore", "Database"], outside: ["Crypto", "Logging", "CoreMetrics"]),
            // Joins two services that do not know each other.
            "OutboundTokens": Floor(level: 3, own: ["MartletCore", "Outbound", "Vault"], outside: ["NIOCore", "NIOHTTP1"]),
            "Martlet": Floor(level: 3, own: ["MartletCore"], outside: collections.union(observation)),
            "MartletHTTP": Floor(
                level: 4, own: services.union(["Martlet", "MartletCore", "Database"]),
                outside: observation.union([
                    "Hummingbird", "HummingbirdCore", "HummingbirdWebSocket", "WSCore", "HTTPTypes", "NIOCore", "NIOHTTP1", "NIOPosix",
                    "NIOWebSocket",
                    "NIOHTTPTypes",
                    "JWTKit", "Crypto", "Mustache",
                ])),
            "MartletCLI": Floor(
                level: 6, own: services.union(stores).union(apps).union(["Martlet", "MartletCore", "MartletHTTP", "Database"]),
                outside: observation.union([
                    "ArgumentParser", "Yams", "Configuration", "Hummingbird", "SystemPackage", "Crypto", "NIOCore", "NIOHTTP1", "NIOPosix", "CLinux",
                    "AsyncHTTPClient",
                ])),
            "MartletTesting": Floor(level: 7, own: ["Martlet", "MartletCore"], outside: ["Testing", "Logging"]),
            "StoreConformance": Floor(level: 7, own: ["MartletCore"], outside: ["Testing"]),
            "Simulation": Floor(level: 8, own: ["Martlet", "MartletCore", "MartletTesting", "StoreConformance"], outside: ["Testing", "Logging"]),
            "Fuzzing": Floor(
                level: 9, own: ["MartletCore", "MartletHTTP", "RedisStore", "Database", "ProcessPool", "Outbound"],
                outside: ["NIOCore", "NIOEmbedded", "NIOWebSocket"]),
            "SimulateCommand": Floor(level: 9, own: ["Simulation", "MartletCore"], outside: ["ArgumentParser"]),
            "VaultProbe": Floor(
                level: 9, own: stores.union(["Database", "Martlet", "MartletCore", "Outbound", "OutboundTokens", "Vault"]), outside: ["Logging"]),
            "RecordsProbe": Floor(level: 9, own: ["Records", "Database", "Martlet", "MartletCore", "SQLiteStore"], outside: []),
        ]
        for app in apps { table[app] = appFloor }
        return table
    }()

    /// Modules that only some files of a target may import, and why.
    static let confined: [(target: String, module: String, file: String, reason: String)] = [
        ("MartletCore", "Foundation", "ZoneRules.swift", "the data of time zones is all the core needs of Foundation"),
        ("MartletCore", "Glibc", "SystemClock.swift", "the clock of the real world"),
        ("MartletCore", "Glibc", "IPAddress.swift", "addresses are read as the system reads them"),
        ("MartletCLI", "CLinux", "Allocator.swift", "the allocator's limits are the process's own"),
        ("MartletCLI", "NIOCore", "HTTPLoad.swift", "the load of a benchmark is made close to the socket"),
        ("MartletCLI", "NIOCore", "HTTPLoadHandler.swift", "the load of a benchmark is made close to the socket"),
        ("MartletCLI", "NIOHTTP1", "HTTPBench.swift", "the method of a load's requests is NIO's"),
        ("MartletCLI", "NIOHTTP1", "IssuerKeys.swift", "the headers of a request that goes out are NIO's"),
        ("MartletCLI", "NIOCore", "ListenFault.swift", "the error of a listening socket is NIO's"),
        ("MartletCLI", "NIOHTTP1", "HTTPLoad.swift", "the load of a benchmark is made close to the socket"),
        ("MartletCLI", "NIOHTTP1", "HTTPLoadHandler.swift", "the load of a benchmark is made close to the socket"),
        ("MartletCLI", "NIOPosix", "HTTPLoad.swift", "the load of a benchmark is made close to the socket"),
    ]
}
