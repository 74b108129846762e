import MartletCore
import NIOCore
import Synchronization

/// The sentinels that watch one master (https://redis.io/docs/latest/develop/reference/sentinel-clients/): asked in turn who the master is,
/// the one that last knew first.
final class SentinelGroup: Sendable {
    private let master: String
    private let plan: Handshake.Plan
    private let encryption: RedisEncryption?
    private let settings: RedisSettings
    private let environment: Environment
    /// In the order to ask.
    private let sentinels: Mutex<[RedisEndpoint]>

    init(
        _ sentinels: [RedisEndpoint], master: String, credentials: RedisCredentials?, encryption: RedisEncryption?, _ settings: RedisSettings,
        _ environment: Environment
    ) {
        self.master = master
        var plan = Handshake.Plan(credentials: credentials)
        plan.needsData = false
        self.plan = plan
        self.encryption = encryption
        self.settings = settings
        self.environment = environment
        self.sentinels = Mutex(sentinels)
    }

    /// Asks until one of them knows. Whether it is right shows when the master is asked for its role.
    func locate(on loop: any EventLoop) -> EventLoopFuture<RedisEndpoint> {
        ask(sentinels.withLock { $0 }[...], on: loop, last: nil)
    }

    private func ask(_ rest: ArraySlice<RedisEndpoint>, on loop: any EventLoop, last: RedisError?) -> EventLoopFuture<RedisEndpoint> {
        guard let sentinel = rest.first else {
            let reason = "no sentinel knows the master \(master)" + (last.map { " (\($0))" } ?? "")
            return loop.makeFailedFuture(RedisError.unavailable(reason: reason, mayHaveHappened: false))
        }
        let dialer = RedisDialer(.server(sentinel), plan, encryption, settings.connectTimeout)
        let link = RedisLink(dialer, settings, environment, on: loop, reconnects: false)
        let name = master
        return link.ask(RedisCommand("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name))
            .flatMapThrowing { reply in
                guard let words = reply.elements, words.count == 2, let host = words[0].string, let port = words[1].int else {
                    throw RedisError.unavailable(reason: "the sentinel \(sentinel) does not know the master \(name)", mayHaveHappened: false)
                }
                self.sentinels.withLock { known in
                    known.removeAll { $0 == sentinel }
                    known.insert(sentinel, at: 0)
                }
                return RedisEndpoint(host: host, port: port)
            }
            .always { _ in link.close() }
            .flatMapError { self.ask(rest.dropFirst(), on: loop, last: RedisDialer.failure($0, sentinel)) }
    }
}
