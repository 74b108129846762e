import Glibc
import GRDBSQLite

/// What the machine and SQLite could do at best: the same rows in the same transaction sizes through bare SQLite, `synchronous=FULL`, with no engine
/// around them; and the raw rate of starting processes. `Benchmarks/run` holds `martlet bench` against these figures of the same run.
@main
struct StoreLimit {
    static func main() {
        let seconds = CommandLine.arguments.dropFirst().first.flatMap(Double.init) ?? 1.5
        let folder = CommandLine.arguments.dropFirst(2).first ?? "."
        var lines: [String] = []
        for batch in [1, 100, 1000] {
            lines.append("\"cycle_\(batch)\": \(cycle(batch: batch, seconds, folder))")
            lines.append("\"insert_\(batch)\": \(inserts(batch: batch, seconds, folder))")
        }
        lines.append("\"spawn\": \(spawns(seconds))")
        puts("{\(lines.joined(separator: ", "))}")
    }

    /// Jobs a second through insert n, claim n, delete n, with one commit for the delete of the last, the insert and the claim.
    private static func cycle(batch: Int, _ seconds: Double, _ folder: String) -> Int {
        let table = JobTable(folder: folder)
        let start = uptime()
        var done = 0
        while uptime() - start < seconds {
            table.execute("BEGIN IMMEDIATE")
            if done > 0 { table.deleteClaimed() }
            table.insert(batch)
            table.claim(batch)
            table.execute("COMMIT")
            done += batch
        }
        return Int(Double(done) / (uptime() - start))
    }

    private static func inserts(batch: Int, _ seconds: Double, _ folder: String) -> Int {
        let table = JobTable(folder: folder)
        let start = uptime()
        var done = 0
        while uptime() - start < seconds {
            table.execute("BEGIN IMMEDIATE")
            table.insert(batch)
            table.execute("COMMIT")
            done += batch
        }
        return Int(Double(done) / (uptime() - start))
    }

    /// `posix_spawn` and `waitpid` of `true`, one after another.
    private static func spawns(_ seconds: Double) -> Int {
        let path = strdup("/usr/bin/true")
        defer { free(path) }
        var arguments: [UnsafeMutablePointer<CChar>?] = [path, nil]
        let start = uptime()
        var done = 0
        while uptime() - start < seconds {
            var pid: pid_t = 0
            var status: Int32 = 0
            guard posix_spawn(&pid, "/usr/bin/true", nil, nil, &arguments, nil) == 0, waitpid(pid, &status, 0) == pid else { break }
            done += 1
        }
        return Int(Double(done) / (uptime() - start))
    }

    private static func uptime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
