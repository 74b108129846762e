/// How a database file is opened.
public struct SQLiteSettings: Sendable {
    /// How long to wait for another process's transaction.
    public var busyTimeout: Duration = .seconds(5)
    public var readers = 4
    /// Page cache of the writer, in KiB.
    public var writerCache = 4 * 1024
    /// Page cache of each reader, in KiB.
    public var readerCache = 1024
    /// Pages of log (4 KiB each) after which a commit writes them back into the database. Few make every tenth commit slow,
    /// many make a rare one very slow.
    public var checkpointPages = 2000

    public init() {}
}
