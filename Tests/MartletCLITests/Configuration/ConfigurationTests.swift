import Foundation
import MartletCore
import MartletHTTP
import ProcessPool
import Testing

@testable import MartletCLI

struct ConfigurationTests {
    private let example = """
        listen: 127.0.0.1:9000
        store: sqlite:data/jobs.db
        roles: [api, worker]
        engine: { concurrency: 8, grace: PT30S, command_slots: 3 }
        commands:
          thumbnail: { run: [python3, thumbnail.py, 7], queue: media, timeout: 60, max_attempts: 5, memory: 512MiB, exit_codes: { 65: permanent } }
        queues:
          media: { concurrency: 4, rate: { count: 100, per: 60 }, per_tenant: 2, high_water: 5000, low_water: 3000, retention: 604800 }
        triggers:
          nightly:
            { cron: "0 3 * * *", zone: Europe/Berlin, overlap: queue, missed: all, job: { kind: thumbnail, payload: { all: yes, size: 1.50 } } }
        """

    @Test func `who is let in is read, and a secret may come from the environment`() throws {
        let yaml = """
            access:
              jwt: { issuer: https://issuer.example, audience: martlet, tenant_claim: org, scopes_claim: scp, scopes: [jobs:read], leeway: 5 }
              trusted_proxies: [10.0.0.0/8, "::1"]
              rate: { count: 100, per: 1, burst: 20 }
              session: PT1H
              requests: 64
            """
        let secret = "a secret of more than thirty-two bytes, shared"
        let overrides = ["access.jwt.secret": ConfigurationReader.Override(text: secret, origin: .environment("MARTLET_ACCESS_JWT_SECRET"))]
        let access = try Configuration(yaml: yaml, overrides: overrides, folder: "/srv").access
        var tokens = TokenSettings(issuer: "https://issuer.example", audience: "martlet", keys: .secret(secret))
        tokens.tenantClaim = "org"
        tokens.scopesClaim = "scp"
        tokens.defaultScopes = Scopes([.jobsRead])
        tokens.leeway = .seconds(5)
        #expect(access.tokens == tokens)
        #expect(access.trustedProxies == [Network("10.0.0.0/8"), Network("::1")].compactMap { $0 })
        #expect(access.rate == Rate(count: 100, per: .seconds(1), burst: 20))
        #expect(access.sessionLifetime == .seconds(3600) && access.requestsMax == 64)
        #expect(try Configuration(yaml: nil, folder: "/srv").access.tokens == nil)
        #expect(Configuration.variable(for: "access.jwt.secret") == "MARTLET_ACCESS_JWT_SECRET")
    }

    @Test func `the whole file is read`() throws {
        let configuration = try Configuration(yaml: example, folder: "/srv/app")
        #expect(configuration.listen == ListenAddress(host: "127.0.0.1", port: 9000))
        #expect(configuration.store == .sqlite(path: "/srv/app/data/jobs.db"))
        #expect(configuration.roles == [.api, .worker])
        #expect(configuration.engine.concurrency == 8)
        #expect(configuration.engine.grace == .seconds(30))
        let command = try #require(configuration.commands["thumbnail"]?.spec)
        #expect(command.arguments == ["python3", "thumbnail.py", "7"])
        #expect(command.workingDirectory == "/srv/app")
        #expect(command.memoryLimitBytes == 512 << 20)
        #expect(command.exitCodes[65] == .permanent)
        let queue = try #require(configuration.queues["media"])
        #expect(queue.rate == Rate(count: 100, per: .seconds(60)))
        #expect(queue.retention == .seconds(604_800))
        let trigger = try #require(configuration.triggers["nightly"])
        #expect(trigger.overlap == .queue)
        #expect(trigger.missed == .all)
    }

    @Test func `a job of a trigger has its kind's queue and attempts, and a payload as it looks`() throws {
        let job = try #require(try Configuration(yaml: example, folder: "/").triggers["nightly"]?.job)
        #expect(job.queue == "media")
        #expect(job.maxAttempts == 5)
        #expect(job.payload.text == #"{"all":"yes","size":1.50}"#)
    }

    @Test func `without a file everything has its default, and there is one command to try`() throws {
        let folder = FileManager.default.temporaryDirectory.path(percentEncoded: false) + "/martlet-no-such-folder"
        let configuration = try Configuration.load(environment: [:], currentFolder: folder)
        #expect(configuration.listen == .standard)
        #expect(configuration.store.path == FilePaths.absolute("martlet.db", in: folder))
        #expect(configuration.file == nil)
        #expect(configuration.commands.keys.sorted() == ["hello"])
    }

    @Test func `a flag goes before the environment, which goes before the file, which goes before the default`() throws {
        try TemporaryFolder.with { folder in
            try folder.write("listen: 127.0.0.1:1\nengine: { concurrency: 1, grace: 1 }\n", to: "martlet.yaml")
            let environment = ["MARTLET_LISTEN": "127.0.0.1:2", "MARTLET_ENGINE_CONCURRENCY": "2", "MARTLET_STORE": ""]
            let flags = ["listen": ConfigurationReader.Override(text: "127.0.0.1:3", origin: .flag("--listen"))]
            let configuration = try Configuration.load(flags: flags, environment: environment, currentFolder: folder.path)
            #expect(configuration.listen.port == 3)
            #expect(configuration.engine.concurrency == 2)
            #expect(configuration.engine.grace == .seconds(1))
            #expect(configuration.store.path == "\(folder.path)/martlet.db")
        }
    }

    @Test func `a store named in the file is relative to the file, one named outside to the current folder`() throws {
        let override = ["store": ConfigurationReader.Override(text: "b.db", origin: .flag("--store"))]
        #expect(try Configuration(yaml: "store: a.db", folder: "/etc/martlet", currentFolder: "/current").store.path == "/etc/martlet/a.db")
        let flagged = try Configuration(yaml: "store: a.db", overrides: override, folder: "/etc/martlet", currentFolder: "/current")
        #expect(flagged.store.path == "/current/b.db")
    }

    @Test func `a named file that is not there is an error`() {
        #expect(throws: CommandFailure.self) {
            try Configuration.load(file: "nowhere.yaml", environment: [:], currentFolder: "/tmp")
        }
    }

    @Test(arguments: [
        ("127.0.0.1:80", "127.0.0.1:80"), ("localhost:1", "localhost:1"), ("[::1]:8080", "[::1]:8080"), (":9000", "127.0.0.1:9000"),
        ("8080", nil), ("::1:80", nil), ("a:65536", nil), ("a:", nil),
    ])
    func `an address is read`(text: String, expected: String?) {
        #expect(ListenAddress(text)?.description == expected)
    }

    @Test(arguments: [
        ("90", 90_000_000), ("0.5", 500_000), ("PT1H30M", 5_400_000_000), ("0", 0), ("-1", nil), ("1e3", nil), ("", nil), ("1m", nil),
        ("P1M", nil), ("nan", nil),
    ])
    func `a duration is a number of seconds or ISO 8601`(text: String, microseconds: Int64?) {
        #expect(Duration(setting: text)?.microseconds == microseconds)
    }
}
