import Crypto
import Logging
import MartletCore
import Synchronization

/// Tells who a token belongs to. A token that was found good is remembered until it ends or the issuer's keys change, so that a signature is
/// checked once and not with every request.
final class TokenVerifier: Sendable {
    private static let knownMax = 10_000

    private enum Source: Sendable {
        case fixed(TokenKeys)
        case published(KeySetCache)
    }

    private struct Known {
        var generation = 0
        var entries: [[UInt8]: VerifiedToken] = [:]
    }

    private let rule: TokenRule
    private let source: Source
    private let clock: any EngineClock
    private let known = Mutex(Known())

    /// - Throws: where the configured key is of no use.
    init(_ settings: TokenSettings, fetching fetcher: any KeySetSource, clock: any EngineClock, logger: Logger) async throws {
        rule = TokenRule(settings: settings)
        self.clock = clock
        switch settings.keys {
        case .secret(let secret): source = .fixed(TokenKeys(keys: [try await .secret(secret)]))
        case .publicKey(let pem): source = .fixed(TokenKeys(keys: [try await .publicKey(pem: pem)]))
        case .keySet(let url): source = .published(KeySetCache(url: url, source: fetcher, clock: clock, logger: logger))
        }
    }

    func run() async {
        guard case .published(let cache) = source else { return }
        await cache.run()
    }

    /// What is remembered of this token.
    func remembered(_ text: String) async throws(Problem) -> VerifiedToken? {
        let (hash, generation) = (Self.hash(text), try await keys(isMissing: false).generation)
        let now = clock.now()
        return known.withLock { known in
            if known.generation != generation { known = Known(generation: generation) }
            guard let entry = known.entries[hash], now < entry.end else { return nil }
            return entry
        }
    }

    /// Checks a token that is not remembered.
    /// - Throws: `TokenFault`; `Problem` where too many tokens wait for the issuer.
    func verify(_ text: String) async throws -> VerifiedToken {
        let token = try SignedToken(text)
        var keys = try await keys(isMissing: false)
        let candidates: [TokenKey]
        do throws(TokenFault) {
            candidates = try keys.keys.candidates(token.algorithm, token.keyID)
        } catch TokenFault.unknownKey {
            keys = try await self.keys(isMissing: true)
            guard !keys.keys.keys.isEmpty else {
                var problem = Problem(.storeUnavailable, "the issuer's keys could not be fetched yet, so no token can be checked: try again")
                problem.retryAfter = .seconds(1)
                throw problem
            }
            candidates = try keys.keys.candidates(token.algorithm, token.keyID)
        }
        guard candidates.contains(where: { $0.isRight(token.signature, of: token.signed) }) else { throw TokenFault.signature }
        let now = clock.now()
        let verified = try rule.verified(try token.claims, at: now)
        remember(Self.hash(text), verified, keys.generation, now)
        return verified
    }

    private func remember(_ hash: [UInt8], _ entry: VerifiedToken, _ generation: Int, _ now: Timestamp) {
        known.withLock { known in
            if known.generation < generation { known = Known(generation: generation) }
            guard known.generation == generation else { return }
            if known.entries.count >= Self.knownMax { known.entries = known.entries.filter { $0.value.end > now } }
            if known.entries.count >= Self.knownMax { known.entries = [:] }
            known.entries[hash] = entry
        }
    }

    func keys(isMissing: Bool) async throws(Problem) -> KeySetCache.Known {
        switch source {
        case .fixed(let keys): KeySetCache.Known(keys: keys)
        case .published(let cache): try await cache.keys(isMissing: isMissing)
        }
    }

    private static func hash(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }
}
