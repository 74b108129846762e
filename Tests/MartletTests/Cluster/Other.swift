import Martlet

/// A second kind of job.
struct Other: Job {
    static let kind = "other"
    var number = 0
}
