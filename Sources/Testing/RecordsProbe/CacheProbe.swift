import Database
import Glibc
import Martlet
import MartletCore
import Records
import SQLiteStore

/// One process of a test that has several: asks one cache for one key, as many callers at once as it is told.
///
///     records-probe cache DATABASE STORE KEY CALLERS SECONDS JOURNAL [heedless]
///
/// Says `ready` and waits for a line; says `computing` when it computes, which takes SECONDS; says at last what its callers got. Each computation
/// adds a line with the process's number to JOURNAL. A heedless computation does not notice that it is cancelled.
enum CacheProbe {
    static func run(_ arguments: [String]) async throws {
        guard arguments.count >= 6, let callers = Int(arguments[3]), let seconds = Int(arguments[4]) else {
            throw RecordsProbe.Usage()
        }
        let environment = Environment.system
        let database = try await SQLDatabase.open(arguments[0], schemas: [.records], environment: environment)
        let store = try await SQLiteStore(path: arguments[1], environment: environment)
        let engine = Engine(store: store, configuration: EngineConfiguration(node: NodeID("probe-\(getpid())")), environment: environment)
        let cache = Cache("probe", in: database, leases: engine, environment: environment)
        let (key, journal, isHeedless) = (arguments[2], arguments[5], arguments.count > 6)
        var policy = CachePolicy(ttl: .seconds(600))
        // The lease of a first computation is for half of it, at least 3 s.
        policy.timeout = seconds > 3 ? .seconds(100) : .seconds(6)
        let chosen = policy

        RecordsProbe.say("ready")
        _ = readLine()
        let values = try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask {
                await cache.run()
                return nil
            }
            for _ in 0..<callers {
                group.addTask {
                    let bytes = try await cache.bytes(for: key, chosen) {
                        note(journal)
                        RecordsProbe.say("computing")
                        if isHeedless {
                            poll(nil, 0, Int32(seconds * 1000))
                        } else {
                            try await environment.clock.sleep(for: .seconds(seconds))
                        }
                        return Array("value of \(getpid())".utf8)
                    }
                    return bytes.map { String(decoding: $0, as: UTF8.self) } ?? "nothing"
                }
            }
            var values: [String: Int] = [:]
            var count = 0
            while count < callers, let value = try await group.next() {
                guard let value else { continue }
                values[value, default: 0] += 1
                count += 1
            }
            group.cancelAll()
            return values
        }
        let report = cache.statistics
        let got = values.sorted { $0.key < $1.key }.map { "\($0.value) x \($0.key)" }.joined(separator: ", ")
        RecordsProbe.say("got \(got); computations \(report.computations), refused \(report.refused)")
        await database.close()
        await store.close()
    }

    private static func note(_ journal: String) {
        let descriptor = open(journal, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        let line = "\(getpid())\n"
        _ = write(descriptor, line, line.utf8.count)
        close(descriptor)
    }
}
