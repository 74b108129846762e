/// What the audit tells of: the type of its entry.
public enum AuditAction: String, Sendable, Hashable, CaseIterable {
    case createKey = "key.create"
    case revokeKey = "key.revoke"
    case signIn = "session.begin"
    case refuseSignIn = "session.refuse"
    case signOut = "session.end"
    case cancelJob = "job.cancel"
    case reviveJob = "job.revive"
    case changeQueue = "queue.change"
    case pauseQueue = "queue.pause"
    case resumeQueue = "queue.resume"
    case putTrigger = "trigger.put"
    case removeTrigger = "trigger.remove"
    case pauseTrigger = "trigger.pause"
    case resumeTrigger = "trigger.resume"
}
