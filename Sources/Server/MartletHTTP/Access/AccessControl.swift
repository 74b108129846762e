import HTTPTypes
import Logging
import Martlet
import MartletCore
import Synchronization

/// Tells who makes a request.
///
/// A server without keys and without an issuer of tokens is open to whoever comes from its own machine; one that has ever had a key asks for one.
/// Keys and sessions are looked up in memory (`KeyRing`), tokens are checked once (`TokenVerifier`): a request waits for nothing but
/// where it brings something this process has not seen yet.
public final class AccessControl: Sendable {
    let configuration: AccessConfiguration
    let requests: RequestAdmission
    /// Of the sign-ins that were refused, those that the audit tells of.
    let refusalsToAudit: Throttle
    private let ring: KeyRing?
    private let tokens: TokenVerifier?
    private let environment: MartletCore.Environment
    private let failures: Throttle
    private let signIns: Throttle
    private let signInKeys: Throttle
    private let principals: Throttle?
    /// Where other machines can reach the server, it asks even while there is no key any more.
    private let alwaysAsks = Atomic(false)

    init(_ configuration: AccessConfiguration, ring: KeyRing?, tokens: TokenVerifier?, environment: MartletCore.Environment) {
        self.configuration = configuration
        (self.ring, self.tokens, self.environment) = (ring, tokens, environment)
        let clock = environment.clock
        requests = RequestAdmission(limit: configuration.requestsMax)
        failures = Throttle(configuration.failureRate, clock: clock)
        signIns = Throttle(configuration.signInRate, clock: clock)
        signInKeys = Throttle(configuration.signInRate, clock: clock)
        refusalsToAudit = Throttle(Rate(count: 60, per: .seconds(60)), namesMax: 1, clock: clock)
        principals = configuration.rate.map { Throttle($0, clock: clock) }
    }

    /// For a server that has no keys: open to its own machine, and to no other.
    public convenience init(environment: MartletCore.Environment, configuration: AccessConfiguration = AccessConfiguration()) {
        self.init(configuration, ring: nil, tokens: nil, environment: environment)
    }

    /// - Parameters:
    ///   - keys: the keys, which may be made and revoked by others meanwhile.
    ///   - source: asks the issuer for its keys, where it publishes them.
    /// - Throws: `DatabaseFailure`; where the configured key of the issuer is of no use.
    public static func open(
        _ configuration: AccessConfiguration, keys: KeyTable, source: any KeySetSource, environment: MartletCore.Environment,
        logger: Logger = Logger(label: "martlet.access")
    ) async throws -> AccessControl {
        let ring = KeyRing(keys, clock: environment.clock, logger: logger)
        try await ring.refresh()
        var tokens: TokenVerifier?
        if let settings = configuration.tokens {
            tokens = try await TokenVerifier(settings, fetching: source, clock: environment.clock, logger: logger)
        }
        return AccessControl(configuration, ring: ring, tokens: tokens, environment: environment)
    }

    /// Runs until cancelled: keeps keys and the issuer's keys up to date.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            // Also where there is nothing to keep up to date: a server ends when this does.
            group.addTask { await Doorbell().wait() }
            if let ring { group.addTask { await ring.run() } }
            if let tokens { group.addTask { await tokens.run() } }
        }
    }

    /// Whether nobody can do anything without saying who they are.
    var asks: Bool { tokens != nil || ring?.hasKeys == true || alwaysAsks.load(ordering: .relaxed) }

    /// - Throws: `notLoopback` where other machines could reach a server that lets everybody in.
    public func checkAddress(_ host: String) throws(HTTPConfigurationError) {
        guard !HostName.isLoopback(host) else { return }
        guard asks else { throw .notLoopback(host) }
        alwaysAsks.store(true, ordering: .relaxed)
    }

    func client(of head: HTTPRequest, peer: () -> String?) -> ClientAddress {
        ClientAddress(
            peer: peer(), forwarded: head.headerFields[.xForwardedFor], scheme: head.headerFields[.xForwardedProto],
            trusted: configuration.trustedProxies)
    }

    func cookies(for head: HTTPRequest, peer: () -> String?) -> SessionCookie {
        // Without proxies nobody's word counts, and the peer need not be spelled out for each request.
        SessionCookie(isSecure: configuration.trustedProxies.isEmpty ? false : client(of: head, peer: peer).isSecure)
    }

    /// Who makes this request.
    /// - Parameter peer: the other side of the connection.
    /// - Throws: `unauthenticated`; `tooManyRequests`; `storeUnavailable` where that cannot be told now.
    func identity(of head: HTTPRequest, peer: () -> String?) async throws(Problem) -> Identity {
        guard asks else { return .local }
        let identity: Identity
        switch Credential(head, cookies: cookies(for: head, peer: peer)) {
        case .none: throw .unauthenticated("this server asks for a key: send 'Authorization: Bearer' and the key, or sign in")
        case .other: throw .unauthenticated("the Authorization header must be 'Bearer' and a key or a token")
        case .key(let text): identity = try await self.identity(ofKey: text, client(of: head, peer: peer))
        case .token(let text): identity = try await self.identity(ofToken: text, client(of: head, peer: peer))
        case .session(let token): identity = try await self.identity(ofSession: token, client(of: head, peer: peer))
        }
        if let delay = principals?.take(identity.principal.name) { throw .tooManyRequests("this principal has made", delay) }
        return identity
    }

    private func identity(ofKey text: String, _ client: @autoclosure () -> ClientAddress) async throws(Problem) -> Identity {
        guard let ring else { throw refused(client().limitName, "this server has no keys") }
        func identity(_ key: KeySnapshot.Key) -> Identity {
            Identity(principal: key.principal, check: { ring.isUsable(key.record.id) })
        }
        if let key = try ring.known(key: text) { return identity(key) }
        let name = try unknown(from: client())
        if KeySecret(text) != nil {
            try await ring.catchUp()
            if let key = try ring.known(key: text) { return identity(key) }
        }
        throw refused(name, "there is no such key, or it has been revoked or has expired")
    }

    private func identity(ofSession token: String, _ client: @autoclosure () -> ClientAddress) async throws(Problem) -> Identity {
        guard let ring else { throw refused(client().limitName, "this server has no sessions") }
        func identity(_ key: KeySnapshot.Key) -> Identity {
            Identity(principal: key.principal, session: token, check: { ring.isOpen(session: token) })
        }
        if let key = try ring.known(session: token) { return identity(key) }
        let name = try unknown(from: client())
        try await ring.catchUp()
        if let key = try ring.known(session: token) { return identity(key) }
        throw refused(name, "the session is over: sign in again")
    }

    private func identity(ofToken text: String, _ client: @autoclosure () -> ClientAddress) async throws(Problem) -> Identity {
        guard let tokens else { throw refused(client().limitName, "this is no key, and this server accepts no tokens") }
        let clock = environment.clock
        func identity(_ token: VerifiedToken) -> Identity { Identity(principal: token.principal, check: { clock.now() < token.end }) }
        if let token = try await tokens.remembered(text) { return identity(token) }
        let name = try unknown(from: client())
        do {
            return identity(try await tokens.verify(text))
        } catch let fault as TokenFault {
            throw refused(name, fault.reason)
        } catch let problem as Problem {
            throw problem
        } catch {
            throw Problem(.internalError, "the token could not be checked")
        }
    }

    /// Something this process has not seen yet: looked at only where not too many such things came from there.
    private func unknown(from client: ClientAddress) throws(Problem) -> String {
        let name = client.limitName
        if let delay = failures.delay(name) { throw .tooManyRequests("this address has sent too many credentials that are no good, and made", delay) }
        return name
    }

    private func refused(_ name: String, _ reason: String) -> Problem {
        _ = failures.take(name)
        return .unauthenticated(reason)
    }

    // MARK: Sessions

    /// Begins a session for whoever has this key.
    /// - Returns: the session's token, and who it is.
    /// - Throws: `unauthenticated`; `tooManyRequests`; `storeUnavailable`.
    func signIn(_ text: String, from client: ClientAddress) async throws(Problem) -> (token: String, key: KeyRecord) {
        let id = KeySecret.id(in: text)
        for delay in [signIns.take(client.limitName), id.flatMap(signInKeys.take)] {
            if let delay { throw .tooManyRequests("there were too many attempts to sign in; they made", delay) }
        }
        guard let ring else { throw .unauthenticated("this server has no keys") }
        if KeySecret(text) != nil, try ring.known(key: text) == nil { try await ring.catchUp() }
        guard let key = try ring.known(key: text) else {
            throw .unauthenticated("this key is not known here, or it has been revoked or has expired")
        }
        do {
            let token = try await ring.openSession(key.record, lasting: configuration.sessionLifetime, environment.random)
            return (token, key.record)
        } catch let problem as Problem {
            throw problem
        } catch KeyFault.notFound {
            throw Problem.unauthenticated("this key has just been revoked")
        } catch {
            var problem = Problem(.storeUnavailable, "the session cannot be written down: try again")
            problem.retryAfter = .seconds(1)
            throw problem
        }
    }

    /// - Throws: `storeUnavailable`, where the session goes on.
    func signOut(_ token: String) async throws(Problem) {
        do {
            try await ring?.closeSession(token)
        } catch {
            var problem = Problem(.storeUnavailable, "the session could not be ended: try again")
            problem.retryAfter = .seconds(1)
            throw problem
        }
    }
}

extension HTTPField.Name {
    fileprivate static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
    fileprivate static let xForwardedProto = HTTPField.Name("X-Forwarded-Proto")!
}
