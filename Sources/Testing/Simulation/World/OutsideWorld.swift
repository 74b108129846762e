import MartletCore
import Synchronization

/// What handlers do that no store can undo, counted where no engine can reach.
final class OutsideWorld: Sendable {
    struct Effect: Sendable {
        var starts = 0
        /// Begun again although nobody had said that it did not happen.
        var blindStarts = 0
        var happened = 0
        /// The lowest fencing number that is still let in.
        var fence = 0
        /// The attempt that was told it did not happen.
        var cleared: Int?
    }

    struct Ledger: Sendable {
        var effects: [JobID: Effect] = [:]
        var stepRuns: [JobID: [String: Int]] = [:]
        var tries: [JobID: Int] = [:]
    }

    /// A late attempt came with a number that has been fenced off.
    struct Fenced: Error {}

    private let ledger = Mutex(Ledger())

    var state: Ledger { ledger.withLock { $0 } }

    /// - Returns: how often this body has run, this time included.
    func ran(_ step: String, of job: JobID) -> Int {
        ledger.withLock { ledger in
            ledger.stepRuns[job, default: [:]][step, default: 0] += 1
            return ledger.stepRuns[job]?[step] ?? 0
        }
    }

    /// - Returns: how often the job has asked, this time included.
    func tried(_ job: JobID) -> Int {
        ledger.withLock { ledger in
            ledger.tries[job, default: 0] += 1
            return ledger.tries[job] ?? 0
        }
    }

    func begin(_ job: JobID, epoch: Int) {
        ledger.withLock { ledger in
            var effect = ledger.effects[job] ?? Effect()
            // An attempt that has been overtaken and does not know it yet: what it begins comes to nothing at the fence.
            guard epoch >= effect.fence else { return }
            effect.starts += 1
            if effect.starts > 1, effect.cleared != epoch { effect.blindStarts += 1 }
            effect.cleared = nil
            ledger.effects[job] = effect
        }
    }

    func happen(_ job: JobID, epoch: Int) throws {
        let isFenced = ledger.withLock { ledger in
            guard epoch >= ledger.effects[job, default: Effect()].fence else { return true }
            ledger.effects[job, default: Effect()].happened += 1
            return false
        }
        if isFenced { throw Fenced() }
    }

    /// Whether it happened; from now on no earlier attempt can make it happen.
    func didHappen(_ job: JobID, epoch: Int) -> Bool {
        ledger.withLock { ledger in
            var effect = ledger.effects[job] ?? Effect()
            effect.fence = max(effect.fence, epoch)
            if effect.happened == 0 { effect.cleared = epoch }
            ledger.effects[job] = effect
            return effect.happened > 0
        }
    }
}
