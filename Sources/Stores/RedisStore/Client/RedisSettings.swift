import MartletCore

/// The bounds of a client.
struct RedisSettings: Sendable, Hashable {
    /// From a command to its reply.
    var commandTimeout: Duration = .seconds(5)
    /// From the first packet to a connection that is ready for commands.
    var connectTimeout: Duration = .seconds(3)
    /// How long a command that has timed out may keep the connection: then the connection is given up with everything on it.
    var stuckAfter: Duration = .seconds(5)
    /// Requests on the wire at once, per connection; a pipeline is one.
    var inFlightMax = 1024
    /// Requests, and their bytes, that wait for their turn on the wire.
    var waitingMax = 16_384
    var waitingBytesMax = 134_217_728
    /// Connections held for blocking reads at once.
    var blockingMax = 64
    /// The shortest and the longest pause between attempts to connect.
    var reconnectBase: Duration = .milliseconds(50)
    var reconnectMax: Duration = .seconds(5)
    /// When a server that keeps its connection and does not answer is left alone, and for how long.
    var breaker: CircuitBreaker.Policy = {
        var policy = CircuitBreaker.Policy()
        policy.callsMin = 5
        policy.openFor = .seconds(1)
        policy.probes = 1
        return policy
    }()
    /// Times that one command follows the cluster's directions.
    var redirectionsMax = 5
    var limits = RESPLimits()
    /// Threads of the event loops.
    var threads = 1
}
