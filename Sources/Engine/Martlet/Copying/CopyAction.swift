import MartletCore

/// What a copy does about one job of the source.
enum CopyAction: Sendable, Hashable {
    /// The target has it as it is.
    case keep
    /// It is to be taken in, or a later state of it to be put in place of what was copied before.
    case adopt
    /// It finished before it was copied, and has been revived since: the target's has to be revived before it gives way.
    case revive
    /// The job is the same, but its stream has grown.
    case follow
    /// It runs, or may be about to.
    case wait
    /// The target has a job with this id that is not this one, or that it has changed itself.
    case collide(String)

    /// - Parameters:
    ///   - isHeld: whether its queue has been paused at the source since before it was read.
    ///   - isLive: whether the target works already: then what it has is its own.
    init(_ source: JobDetail, _ target: JobDetail?, isHeld: Bool, isLive: Bool) {
        self = Self.decide(source, target, isHeld: isHeld, isLive: isLive)
    }

    private static func decide(_ source: JobDetail, _ target: JobDetail?, isHeld: Bool, isLive: Bool) -> CopyAction {
        guard source.job.phase != .running, isHeld || source.job.phase == .finished else { return .wait }
        guard let target else { return .adopt }
        guard source.job.createdAt == target.job.createdAt else { return .collide("was enqueued at the target as well, at another time") }
        if isLive { return .keep }
        if source.job == target.job, source.steps == target.steps { return source.lastEvent > target.lastEvent ? .follow : .keep }
        guard source.job.epoch >= target.job.epoch, target.job.phase != .running else {
            return .collide("has been handed out by the target, which should not be at work yet")
        }
        return target.job.phase == .finished ? .revive : .adopt
    }
}
