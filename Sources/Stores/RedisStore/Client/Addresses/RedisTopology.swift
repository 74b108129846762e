/// How the servers of one deployment are found.
enum RedisTopology: Sendable, Hashable {
    case single(RedisEndpoint)
    /// The master that the sentinels name.
    case sentinel([RedisEndpoint], master: String)
    /// A Redis Cluster, known by some of its nodes.
    case cluster([RedisEndpoint])
}
