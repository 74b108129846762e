import MartletCore
import Testing

@testable import MartletCLI

struct ConfigurationMutationTests {
    private let example = """
        listen: 127.0.0.1:9000
        store: sqlite:data/jobs.db
        roles: [api, worker]
        engine: { concurrency: 8, grace: PT30S, command_slots: 3 }
        log: { level: info, format: json }
        commands:
          thumbnail: { run: [python3, thumbnail.py, 7], queue: media, timeout: 60, max_attempts: 5, memory: 512MiB, exit_codes: { 65: permanent } }
        queues:
          media: { concurrency: 4, rate: { count: 100, per: 60 }, per_tenant: 2, high_water: 5000, low_water: 3000, retention: 604800 }
        hooks: { github: { headers: [x-github-event] } }
        triggers:
          nightly: { cron: "0 3 * * *", zone: Europe/Berlin, overlap: queue, missed: all, job: { kind: thumbnail, payload: { all: yes } } }
        """
    private let tokens = [
        ":", "- ", "[", "]", "{", "}", "\n", "  ", "&a ", "*a", "!!binary ", "!!float .inf", "|\n", "? ", "<<: ", "---\n", "\"", "\\x", "~", "-1",
        "1e999",
        "0x10", "9223372036854775808", "\u{0}", "\u{FEFF}", "null", "%YAML 9.9\n", "#",
    ]

    @Test(arguments: 0..<4)
    func `a damaged file is read, or refused with its faults; never anything else`(seed: UInt64) {
        let random = SeededRandom(seed: seed)
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(max(1, count))) }
        var refused = 0
        for _ in 0..<400 {
            var bytes = Array(example.utf8)
            for _ in 0...pick(4) {
                let place = pick(bytes.count)
                let end = min(bytes.count, place + 1 + pick(12))
                switch pick(5) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.removeSubrange(place..<end)
                case 2: bytes.insert(contentsOf: Array(tokens[pick(tokens.count)].utf8), at: place)
                case 3: bytes.insert(contentsOf: Array(bytes[place..<end]), at: pick(bytes.count))
                default: bytes.swapAt(place, pick(bytes.count))
                }
            }
            do throws(ConfigurationError) {
                _ = try Configuration(yaml: String(decoding: bytes, as: UTF8.self), folder: "/srv/martlet")
            } catch {
                refused += 1
                #expect(!error.faults.isEmpty)
                #expect(error.faults.allSatisfy { !$0.reason.isEmpty })
            }
        }
        #expect(refused > 100, "mutations that break nothing prove nothing")
    }
}
