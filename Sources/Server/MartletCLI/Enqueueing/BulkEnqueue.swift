import MartletCore
import MartletHTTP

/// Enqueues the lines of a source in batches. A line that cannot be accepted is reported with its number and holds back no other.
struct BulkEnqueue {
    private let session: StoreSession
    private let reader: WireJob
    private let printsJSON: Bool
    private let keepsIDs: Bool
    private var bar: ProgressBar

    private(set) var accepted = 0
    private(set) var duplicates = 0
    private(set) var refused = 0
    /// The jobs that now stand for the lines; only where somebody waits for them.
    private(set) var ids: [JobID] = []

    private static let batchMax = 2000
    /// More reports than this help nobody; the count goes on.
    private static let reportsMax = 20
    /// A full queue is waited for, this often, before its lines are given up.
    private static let patience = 5

    init(_ session: StoreSession, printsJSON: Bool, keepsIDs: Bool) {
        self.session = session
        self.printsJSON = printsJSON
        self.keepsIDs = keepsIDs
        reader = WireJob(environment: session.environment, defaults: session.configuration.commands.mapValues(\.defaults))
        bar = ProgressBar(session.terminal, clock: session.environment.clock)
    }

    mutating func run(_ source: inout LineSource) async throws {
        while let lines = try source.next() {
            var batch: [(line: Int, job: NewJob)] = []
            for line in lines {
                do throws(CommandFailure) {
                    batch.append((line.number, try JobLine.job(line, reader)))
                } catch {
                    refuse(line.number, error.description)
                }
                if batch.count == Self.batchMax {
                    try await enqueue(batch)
                    batch = []
                }
            }
            try await enqueue(batch)
            let fraction = source.size.map { $0 == 0 ? 1 : Double(source.position) / Double($0) }
            let counts = counts
            bar.show(fraction, counts)
        }
    }

    private mutating func enqueue(_ batch: [(line: Int, job: NewJob)]) async throws {
        var batch = batch
        var attempt = 0
        while !batch.isEmpty {
            let answers = try await session.store.enqueue(batch.map(\.job))
            var full: [(line: Int, job: NewJob)] = []
            var pause: Duration = .zero
            for (entry, answer) in zip(batch, answers) {
                switch answer {
                case .accepted(let job): take(job, isDuplicate: false)
                case .duplicate(let job, _): take(job, isDuplicate: true)
                case .refused(.queueFull(_, _, let delay)) where attempt < Self.patience:
                    full.append(entry)
                    pause = max(pause, delay)
                case .refused(let error): refuse(entry.line, "\(error)")
                }
            }
            batch = full
            attempt += 1
            if !batch.isEmpty { try await session.pause(pause) }
        }
    }

    private mutating func take(_ job: JobRecord, isDuplicate: Bool) {
        if isDuplicate { duplicates += 1 } else { accepted += 1 }
        if keepsIDs { ids.append(job.id) }
        if printsJSON { session.terminal.say(WireJSON.job(job)) }
    }

    private mutating func refuse(_ line: Int, _ reason: String) {
        refused += 1
        if refused <= Self.reportsMax {
            session.terminal.note("line \(line): \(reason)")
        } else if refused == Self.reportsMax + 1 {
            session.terminal.note("further refused lines are only counted")
        }
    }

    private var counts: String {
        var text = "\(Wording.plural(accepted, "job")) enqueued"
        if duplicates > 0 { text += ", \(Wording.count(duplicates)) there already" }
        if refused > 0 { text += ", \(Wording.count(refused)) refused" }
        return text
    }

    /// The last line: how many, how long, how fast.
    mutating func summarize() {
        let elapsed = bar.elapsed
        let rate = elapsed > .zero ? Double(accepted + duplicates) / elapsed.inSeconds : 0
        let summary = "\(counts) in \(Wording.duration(elapsed)) (\(Wording.count(Int(rate)))/s)"
        bar.finish(summary)
    }
}
