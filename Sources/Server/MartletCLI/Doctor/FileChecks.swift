import Database

/// A file of SQLite: whether it is whole, and its tables of a version that this build knows.
struct FileChecks {
    let path: String
    /// What findings are told apart by, where more than one file is looked at.
    var prefix = ""

    func run() -> [Finding] {
        do throws(DatabaseFailure) {
            let file = try SQLiteInspection(path: path)
            let size = Wording.bytes(file.pages * file.pageBytes)
            let versions = file.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            var findings: [Finding] = [.ok(prefix + "tables", "version \(versions)")]
            findings.append(
                file.journalMode == "wal"
                    ? .ok(prefix + "journal", "write-ahead log of \(Wording.bytes(FilePaths.size(path + "-wal") ?? 0))")
                    : .fail(
                        prefix + "journal", "mode is \(file.journalMode)",
                        do: "keep the file on a local disk: a network file system has no write-ahead log"))
            findings.append(
                file.damage.isEmpty
                    ? .ok(prefix + "integrity", "\(size) checked, \(Wording.bytes(file.freePages * file.pageBytes)) of it unused")
                    : .fail(prefix + "integrity", file.damage.joined(separator: "; "), do: "stop the server, copy the file, restore a backup"))
            return findings
        } catch {
            return [.fail(prefix + "integrity", "\(error)", do: "stop the server, copy the file, restore a backup")]
        }
    }
}
