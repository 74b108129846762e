import MartletCore
import Testing

@testable import MartletCLI

struct ConfigurationFaultTests {
    private func faults(_ yaml: String, overrides: [String: ConfigurationReader.Override] = [:]) -> [String] {
        do throws(ConfigurationError) {
            _ = try Configuration(yaml: yaml, overrides: overrides, folder: "/srv")
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    @Test func `everything that is wrong is said at once, each with its line and path`() {
        let yaml = """
            listen: somewhere
            queues:
              media:
                concurrency: 0
                rate: { count: 100, per: soon }
            commands:
              thumbnail: { run: python3 }
            triggers:
              nightly: { cron: "61 * * * *", job: { kind: thumbnail } }
            """
        let found = faults(yaml)
        #expect(found.count == 5)
        #expect(found[0] == "martlet.yaml:1: listen: must be an address and a port, as in 127.0.0.1:8080")
        #expect(found[1].hasPrefix("martlet.yaml:4: queues.media.concurrency: must be a whole number of at least 1"))
        #expect(found[2] == "martlet.yaml:5: queues.media.rate.per: must be a number of seconds, or ISO 8601 such as PT1H30M, not 'soon'")
        #expect(found[3].hasPrefix("martlet.yaml:7: commands.thumbnail.run: must be a list"))
        #expect(found[4].hasPrefix("martlet.yaml:9: triggers.nightly.cron: is no cron expression:"))
    }

    @Test(arguments: [
        ("issuer: a, audience: b", "access.jwt: needs exactly one of jwks, secret and public_key"),
        ("issuer: a, audience: b, secret: \(String(repeating: "s", count: 40)), jwks: https://a", "access.jwt: needs exactly one of"),
        ("issuer: a, audience: b, secret: short", "access.jwt.secret: must be at least 32 bytes long"),
        ("issuer: a, audience: b, jwks: http://issuer.example/keys", "access.jwt.jwks: must be an https:// URL"),
        ("issuer: a, audience: b, public_key: nowhere.pem", "access.jwt.public_key: must be a key in PEM"),
        ("audience: b, jwks: https://a", "access.jwt: needs 'issuer'"),
        ("issuer: a, audience: b, jwks: https://a, scopes: [jobs]", "access.jwt.scopes: 'jobs' is not a scope"),
    ])
    func `an issuer of tokens is described whole`(settings: String, expected: String) {
        #expect(faults("access: { jwt: { \(settings) } }").contains { $0.contains(expected) }, "\(faults("access: { jwt: { \(settings) } }"))")
    }

    @Test func `a proxy is an address or a range`() {
        #expect(faults("access: { trusted_proxies: [proxy.example] }").first?.contains("must be an address or a range") == true)
    }

    @Test func `an unknown setting is refused with the nearest known one`() {
        #expect(faults("queus: {}") == ["martlet.yaml:1: queus: is not a setting; did you mean 'queues'?"])
        #expect(
            faults("queues:\n  media:\n    concurency: 4\n")
                == ["martlet.yaml:3: queues.media.concurency: is not a setting; did you mean 'concurrency'?"])
        #expect(faults("commands:\n  a: { run: [b], max_atempts: 3 }").first?.hasSuffix("did you mean 'max_attempts'?") == true)
    }

    @Test func `a setting that is like no other is answered with all that are known`() {
        let found = faults("queues: { media: { zzz: 1 } }")
        #expect(found == ["martlet.yaml:1: queues.media.zzz: is not a setting; known here: \(QueuePolicy.known.joined(separator: ", "))"])
    }

    @Test func `a mapping where a value is needed, and a value where a mapping is needed`() {
        #expect(faults("listen: { host: a }") == ["martlet.yaml:1: listen: must be a single value"])
        #expect(faults("queues: 7").first?.contains("queues: must be a mapping") == true)
    }

    @Test func `what is no YAML is said with its line`() {
        let found = faults("listen: 127.0.0.1:1\nqueues: { media: [\n")
        #expect(found.count == 1)
        #expect(found[0].contains("is not YAML"))
    }

    @Test func `the same key twice is refused`() {
        #expect(faults("listen: 127.0.0.1:1\nlisten: 127.0.0.1:2\n").first?.contains("same key twice") == true)
    }

    @Test func `a command without a program, and one with a placeholder for its program`() {
        #expect(faults("commands: { a: { queue: b } }") == ["martlet.yaml:1: commands.a: needs 'run'"])
        #expect(faults("commands: { a: { run: [] } }") == ["martlet.yaml:1: commands.a.run: must name a program"])
        #expect(faults("commands: { a: { run: ['{payload.program}'] } }").first?.contains("commands.a.run.0: the program itself") == true)
    }

    @Test func `water marks that contradict each other`() {
        let found = faults("queues: { a: { high_water: 10, low_water: 10 } }")
        #expect(found == ["martlet.yaml:1: queues.a.low_water: must be from 0 to below high_water"])
    }

    @Test func `a faulty flag is named as the flag`() {
        let found = faults("{}", overrides: ["engine.concurrency": .init(text: "many", origin: .flag("--concurrency"))])
        #expect(found == ["--concurrency: engine.concurrency: must be a whole number from 1 to 100000, not 'many'"])
    }

    @Test func `a trigger needs one schedule and a job`() {
        #expect(faults("triggers: { a: { job: { kind: b } } }") == ["martlet.yaml:1: triggers.a: needs one of cron, every, topic"])
        #expect(faults("triggers: { a: { every: 60 } }") == ["martlet.yaml:1: triggers.a.job: needs 'kind'"])
        let both = faults("triggers: { a: { every: 60, cron: '* * * * *', job: { kind: b } } }")
        #expect(both == ["martlet.yaml:1: triggers.a: must have only one of cron, every"])
    }

    @Test func `a zone that does not exist is refused`() {
        let found = faults("triggers:\n  a:\n    cron: '0 3 * * *'\n    zone: Europe/Atlantis\n    job: { kind: b }")
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("martlet.yaml:4: triggers.a.zone: must be a time zone:"))
    }
}
