import MartletCore

/// An address such as `redis://user:password@host:6379/0?timeout=5`.
///
/// | scheme | servers |
/// |---|---|
/// | `redis://host:port/db` | one server |
/// | `redis+sentinel://host:26379,host:26379/master/db`, or `redis://…/db?sentinel=master` | the master that the sentinels name |
/// | `redis+cluster://host:6379,host:6379` | a Redis Cluster |
///
/// Each with `rediss` in place of `redis` is encrypted. Options stand in the query; `RedisURL.options` names them.
struct RedisURL: Sendable, Hashable {
    var topology: RedisTopology
    var database = 0
    var credentials: RedisCredentials?
    /// What the sentinels ask for, where that is not nothing.
    var sentinelCredentials: RedisCredentials?
    /// `nil` without encryption.
    var security: RedisSecurity?
    var clientName: String?
    /// From the command to its reply; `nil` leaves it to the settings.
    var timeout: Duration?
    var connectTimeout: Duration?
}

extension RedisURL: CustomStringConvertible {
    /// Without user, password and options.
    var description: String {
        let scheme = security == nil ? "redis" : "rediss"
        func list(_ hosts: [RedisEndpoint]) -> String { hosts.map(\.description).joined(separator: ",") }
        return switch topology {
        case .single(let host): "\(scheme)://\(host)/\(database)"
        case .sentinel(let hosts, let master): "\(scheme)+sentinel://\(list(hosts))/\(master)/\(database)"
        case .cluster(let hosts): "\(scheme)+cluster://\(list(hosts))"
        }
    }
}
