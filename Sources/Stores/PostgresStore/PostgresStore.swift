import Database
import MartletCore

/// A store in a PostgreSQL database (14 or newer), for any number of processes on any number of hosts.
///
/// Every transition is one call of a function of the database, in autocommit: one round trip, one commit, no state of the session, so that it
/// works through PgBouncer in transaction mode. Calls that come while one of their sort is under way share the next one.
/// The rules are those of `Semantics.md`, to the letter.
public final class PostgresStore: Sendable {
    let environment: Environment
    let database: PostgresDatabase
    let time: StoreTime
    /// What stands before the name of every table and function.
    let schema: SQL
    /// Where hints to other processes are said.
    let channel: String
    let marks = Marks()
    let topics = Topics()
    let random: RandomTexts
    let hints = Hints()
    let enqueueing = Gathering<NewJob, Enqueued>()
    let settling = Gathering<Settlement, SettleResult>()
    let appending = Gathering<NewEvent, Appended>()
    let recording = Gathering<NewRecord, Result<[Step], StoreError>>()
    private let chores: ChoresTasks

    /// Connects, and brings the tables up to date while others may be working.
    /// - Parameters:
    ///   - url: `postgres://user:password@host:port/database?…`, with the parameters of libpq and of `PostgresSettings`.
    ///   - schema: where the store's tables are: small letters, digits and underscores. Stores in different schemas share nothing.
    ///   - environment: its randomness makes the ids of the jobs that topic triggers make.
    ///   - settings: of the pool of connections.
    ///   - clock: the store's time; `nil` is the server's clock, the one authority that several hosts have in common.
    /// - Throws: `unavailable` where the server cannot be reached; `corrupt` where the tables are of a newer build; `invalid` for `schema`.
    public init(
        _ url: String, schema name: String = "martlet", environment: Environment = .system, settings: PostgresSettings = PostgresSettings(),
        clock: (any EngineClock)? = nil
    ) async throws(StoreError) {
        let tables = try StoreSchema(name: name)
        self.environment = environment
        time = StoreTime(clock)
        schema = tables.prefix
        channel = name
        random = RandomTexts(environment.random)
        do {
            // Its jitter draws from another source: ids follow from the environment's alone.
            let surroundings = Environment(clock: environment.clock, random: Environment.system.random)
            database = try await PostgresDatabase.open(url, schemas: [tables.schema], settings: settings, environment: surroundings)
        } catch {
            throw StoreError(error)
        }
        let nonce = Environment.system.makeJobID().description
        chores = ChoresTasks(
            Chores(
                database: database, hints: hints, marks: marks, time: time, schema: schema, channel: name, nonce: nonce,
                clock: environment.clock, preparesDays: clock == nil))
    }

    /// Waits for what is under way, refuses everything from then on, and closes the connections.
    public func close() async {
        await chores.close()
        await database.close()
    }

    /// Hears what other processes say, from now on.
    func listen() { chores.listen() }

    /// Just-in-time compilation takes longer than any statement of the store, and is chosen by estimates that small tables make wrong.
    static let uncompiled: SQL = "SELECT set_config('jit', 'off', true)"

    /// A search in the tables, in one round trip.
    func search<Answer: Sendable>(_ sql: SQL, _ read: @Sendable (PostgresAnswer) throws -> Answer) async throws(StoreError) -> Answer {
        do {
            return try await database.run { try read($0.batch([Self.uncompiled, sql])[1]) }
        } catch {
            throw StoreError(error)
        }
    }

    /// One statement, one round trip.
    func call<Answer: Sendable>(_ sql: SQL, _ read: @Sendable (PostgresAnswer) throws -> Answer) async throws(StoreError) -> Answer {
        do {
            return try await database.run { try read($0.answer(sql)) }
        } catch {
            throw StoreError(error)
        }
    }
}
