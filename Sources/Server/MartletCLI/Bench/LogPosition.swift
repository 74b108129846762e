import Foundation

/// How much has gone into the log that makes a store's writes durable: its bytes, and in how many commits.
struct LogPosition: Sendable {
    let bytes: Int
    let commits: Int

    init(bytes: Int, commits: Int) {
        self.bytes = bytes
        self.commits = commits
    }

    /// Of SQLite's write-ahead log, as long as it has not begun anew. Its format is section 4 of https://www.sqlite.org/fileformat2.html: a header of
    /// 32 bytes that names the size of a page, then frames of 24 bytes and a page; the last frame of each commit names the size of the database.
    init(writeAheadLog path: String) throws {
        let log = FileManager.default.fileExists(atPath: path) ? [UInt8](try Data(contentsOf: URL(filePath: path))) : []
        func word(_ at: Int) -> Int { log[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
        bytes = log.count
        let pageBytes = log.count >= 32 ? word(8) : 0
        commits = pageBytes == 0 ? 0 : stride(from: 32, to: log.count - 24, by: 24 + pageBytes).count { word($0 + 4) != 0 }
    }
}
