import Martlet

/// A job with a payload.
struct Greet: Job {
    static let kind = "greet"
    var name = "Ada"
}
