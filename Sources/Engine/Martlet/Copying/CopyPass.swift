import MartletCore

/// One walk through all jobs of both stores, newest first, side by side: what the target lacks is taken in, what has changed at the source is
/// put right, and what is the same is counted. So a copy needs to remember nothing: one that was killed finds what it has done by looking.
struct CopyPass {
    /// Jobs on their way to the target, at most.
    private static let batchMax = 500
    private static let batchBytesMax = 4 << 20
    private static let streamsAtOnce = 32
    private static let examplesMax = 20
    private static let awaitedMax = 10_000

    private let source: any Store
    private let target: any Store
    /// The queues that were paused at the source before this pass.
    private let held: Set<String>
    private let isLive: Bool
    private let isRehearsal: Bool
    private var batch: [JobDetail] = []
    private var batchBytes = 0
    /// How far the target has the streams of the jobs of the batch.
    private var written: [JobID: Int] = [:]

    /// Jobs that the target has as they are; in a rehearsal, those it has not.
    private(set) var queues: [String: Counts] = [:]
    private(set) var looked = 0
    private(set) var adopted = 0
    private(set) var events = 0
    private(set) var waiting = 0
    private(set) var refused = 0
    private(set) var examples: [String] = []
    /// Streams other than their own that jobs wait for.
    private(set) var awaited: Set<String> = []

    init(from source: any Store, to target: any Store, held: Set<String>, isLive: Bool, isRehearsal: Bool = false) {
        self.source = source
        self.target = target
        self.held = held
        self.isLive = isLive
        self.isRehearsal = isRehearsal
    }

    /// Whether the target had everything as it is.
    var isClean: Bool { adopted == 0 && events == 0 && waiting == 0 && refused == 0 }

    mutating func run(_ show: (CopyPass) -> Void) async throws {
        var (theirs, ours) = (JobWalk(source), JobWalk(target))
        while true {
            let (first, second) = (theirs, ours)
            async let nextTheirs = first.filled()
            async let nextOurs = second.filled()
            (theirs, ours) = try await (nextTheirs, nextOurs)
            guard let job = theirs.head else { break }
            // The target may have jobs of its own in between.
            if let own = ours.head, own.job.id > job.job.id {
                _ = ours.pop()
                continue
            }
            _ = theirs.pop()
            let known = ours.head?.job.id == job.job.id ? ours.pop() : nil
            try await look(at: job, known)
            if batch.count >= Self.batchMax || batchBytes >= Self.batchBytesMax { try await flush() }
            if looked.isMultiple(of: 100) { show(self) }
        }
        try await flush()
        show(self)
    }

    private mutating func look(at job: JobDetail, _ known: JobDetail?) async throws {
        looked += 1
        if case .event(let stream, _, _)? = job.job.wait?.condition, awaited.count < Self.awaitedMax { awaited.insert(stream) }
        switch CopyAction(job, known, isHeld: held.contains(job.job.queue), isLive: isLive) {
        case .keep: if !isRehearsal { count(job.job) }
        case .wait:
            waiting += 1
            if isRehearsal { count(job.job) }
        case .collide(let reason): refuse(job.job.id, reason)
        case .follow:
            if isRehearsal { return }
            count(job.job)
            let stream = StreamCopy(StreamName.job(job.job.id), from: source, to: target)
            take(try await stream.run(after: known?.lastEvent ?? 0), of: job.job.id)
        case .revive:
            if try await revive(job.job.id) { gather(job, known) }
        case .adopt: gather(job, known)
        }
    }

    private mutating func count(_ job: JobRecord) {
        queues[job.queue, default: Counts()][job.phase, job.outcome] += 1
    }

    private mutating func gather(_ job: JobDetail, _ known: JobDetail?) {
        if isRehearsal {
            adopted += 1
            count(job.job)
            return
        }
        batch.append(job)
        batchBytes += job.size
        if job.lastEvent > (known?.lastEvent ?? 0) { written[job.job.id] = known?.lastEvent ?? 0 }
    }

    /// - Returns: whether the target's job is open again. Its key may have gone to one that is still to be put right: then the next pass tries again.
    private mutating func revive(_ id: JobID) async throws -> Bool {
        if isRehearsal { return true }
        do throws(StoreError) {
            _ = try await target.revive(id)
            return true
        } catch {
            if error.isTransient { throw error }
            refuse(id, "\(error)")
            return false
        }
    }

    private mutating func refuse(_ id: JobID, _ reason: String) {
        refused += 1
        if examples.count < Self.examplesMax { examples.append("job \(id): \(reason)") }
    }

    /// A stream belongs to its job, which so comes first; but where the target is at work, a job may start as soon as it is there, and
    /// would add to its stream.
    private mutating func flush() async throws {
        if batch.isEmpty { return }
        if isLive { try await copyStreams() }
        let answers = try await target.enqueue(batch.map { NewJob(adopting: $0) })
        for (job, answer) in zip(batch, answers) {
            switch answer {
            case .accepted, .duplicate(_, replaced: true): adopted += 1
            case .duplicate: refuse(job.job.id, "was changed at the target as well")
            case .refused(let error): refuse(job.job.id, "\(error)")
            }
        }
        if !isLive { try await copyStreams() }
        (batch, batchBytes, written) = ([], 0, [:])
    }

    private typealias Copied = (JobID, StreamCopy.Result)

    private mutating func copyStreams() async throws {
        let (source, target) = (source, target)
        var rest = written.sorted { $0.key < $1.key }[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.streamsAtOnce)
            rest = rest.dropFirst(part.count)
            let results = try await withThrowingTaskGroup(of: Copied.self, returning: [Copied].self) { group in
                for (id, last) in part {
                    group.addTask { (id, try await StreamCopy(StreamName.job(id), from: source, to: target).run(after: last)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (id, result) in results { take(result, of: id) }
        }
    }

    private mutating func take(_ result: StreamCopy.Result, of job: JobID) {
        events += result.written
        if result.hasDiverged { refuse(job, "its stream has other events at the target") }
    }
}

extension JobDetail {
    /// About how many bytes it takes in memory.
    fileprivate var size: Int {
        steps.reduce(job.payload.utf8.count + (job.result?.utf8.count ?? 0) + 512) { $0 + $1.result.utf8.count + 64 }
    }
}
