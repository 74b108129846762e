import Database
import MartletCore
import Synchronization

/// A store in one SQLite file: the default of a single machine. Several processes may share the file.
///
/// Every answer of a write is on disk before it is given (`synchronous=FULL`); calls that come while a commit is under way share the next one.
/// The rules are those of `Semantics.md`, to the letter.
public final class SQLiteStore: Sendable {
    let environment: Environment
    let fanout = WakeupFanout()
    let database: SQLiteDatabase<Transition>
    private let clock: StoreClock
    /// When other processes' commits were last looked for, in the clock's uptime.
    let lastLook = Mutex(Duration.zero)

    /// Opens the file, creates it where there is none, and brings its tables up to date.
    /// - Parameters:
    ///   - path: of the database file; `-wal` and `-shm` files appear beside it. Not on a network file system: SQLite's locks need a local one.
    ///   - environment: its clock is the store's time; its randomness makes the ids of the jobs that topic triggers make.
    /// - Throws: `unavailable` where the file cannot be opened or written; `corrupt` where it is no database, is damaged, or was
    ///   written by a newer build.
    public init(path: String, environment: Environment = .system, settings: SQLiteSettings = SQLiteSettings()) async throws(StoreError) {
        self.environment = environment
        clock = StoreClock(environment.clock)
        let (fanout, random) = (fanout, environment.random)
        do throws(DatabaseFailure) {
            database = try await SQLiteDatabase.open(
                path: path, schemas: [StoreSchema.schema], settings: settings,
                changedElsewhere: { fanout.send(Wakeup(work: true, isUnspecific: true)) },
                makeScope: { connection, ledger in try Transition(connection, ledger, random: random, fanout: fanout) })
        } catch {
            throw StoreError(error)
        }
    }

    /// Finishes the writes under way, refuses all others from now on, and closes the file.
    public func close() async {
        await database.close()
    }

    /// One transition, atomic and durable.
    func write<Answer: Sendable>(_ body: @escaping @Sendable (Transition) throws -> Answer) async throws(StoreError) -> Answer {
        let clock = clock
        do {
            return try await database.write { transition in
                transition.begin(at: clock.now())
                return try body(transition)
            }
        } catch {
            throw StoreError(error)
        }
    }

    func read<Answer: Sendable>(_ body: @escaping @Sendable (Reading) throws -> Answer) async throws(StoreError) -> Answer {
        let now = now()
        do {
            return try await database.read { try body(Reading($0, at: now)) }
        } catch {
            throw StoreError(error)
        }
    }

    func now() -> Timestamp { clock.now() }
}
