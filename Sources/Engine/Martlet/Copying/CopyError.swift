import MartletCore

/// Why a copy between stores stopped. Whatever it says, nothing is lost: the source is paused and whole, and the copy can be run again.
package enum CopyError: Error, Sendable, Hashable, CustomStringConvertible {
    case sameStore
    /// Somebody else copies into this target.
    case busy(owner: String)
    /// The target works on a queue of this name.
    case targetServes(queue: String, unfinished: Int)
    case triggerDiffers(String)
    /// Jobs that the target does not take, some of them with the reason.
    case refused(count: Int, examples: [String])
    /// Jobs that still run at the source.
    case stillRunning(Int)
    /// Somebody keeps writing to the source.
    case stillChanging(Int)
    /// Every job was found at the target, and yet the source counts others than were found there.
    case countsDiffer(found: Int)
    /// Another copy took over, since this one could not say in time that it lives.
    case lostLease

    package var description: String {
        switch self {
        case .sameStore: "both addresses lead to the same store: name another one to copy to"
        case .busy(let owner): "another copy into this store is under way (\(owner)): wait for it to end"
        case .targetServes(let queue, let unfinished):
            """
            the target has \(unfinished) unfinished jobs of its own in queue '\(queue)', which it serves
            Pause that queue there first, or copy into an empty store.
            """
        case .triggerDiffers(let name): "the target has another trigger named '\(name)': remove or rename one of them first"
        case .refused(let count, let examples):
            "the target does not take \(count) of the jobs:\n" + examples.joined(separator: "\n")
        case .stillRunning(let count):
            """
            jobs still run at the source: \(count); the rest is copied
            Run the copy again when they have ended, or stop the workers there.
            """
        case .stillChanging(let count):
            """
            the source keeps changing: \(count) jobs and events came during the last pass
            Point its clients to the target, which takes jobs already, and run the copy again.
            """
        case .countsDiffer(let found):
            """
            \(found) jobs were found at the source and at the target, but the source's own counts are others
            Run the copy again, and 'martlet doctor' on the source.
            """
        case .lostLease: "the copy could not renew its lease on the target in time: run it again, it goes on where it stopped"
        }
    }
}
