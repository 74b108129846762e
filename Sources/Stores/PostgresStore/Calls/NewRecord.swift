import MartletCore

/// Steps to be recorded under one lease.
struct NewRecord: Sendable {
    var lease: Lease
    var steps: [NewStep]
}
