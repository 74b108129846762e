import Foundation
import MartletCore
import MartletHTTP

extension AccessConfiguration {
    static let known = ["jwt", "trusted_proxies", "rate", "session", "requests"]

    /// - Parameter folder: what the path of a key's file is relative to.
    init(_ section: ConfigurationSection, folder: String) {
        self.init()
        tokens = TokenSettings(section.section("jwt", known: TokenSettings.known), folder: folder)
        for (index, text) in (section.list("trusted_proxies") ?? []).enumerated() {
            if let range = Network(text) {
                trustedProxies.append(range)
            } else {
                section.fail("trusted_proxies", "[\(index)] must be an address or a range, as in 10.0.0.0/8")
            }
        }
        rate = section.rate("rate")
        if let lifetime = section.span("session", above: .zero, upTo: .seconds(366 * 86_400)) { sessionLifetime = lifetime }
        if let requests = section.integer("requests", 1...1_000_000) { requestsMax = requests }
    }
}

extension TokenSettings {
    static let known = ["issuer", "audience", "jwks", "secret", "public_key", "tenant_claim", "scopes_claim", "scopes", "leeway"]

    /// `nil` where nothing of it is set.
    init?(_ section: ConfigurationSection, folder: String) {
        let (issuer, audience, keys) = (section.text("issuer"), section.text("audience"), Self.keys(section, folder))
        guard !section.names.isEmpty || keys != nil else { return nil }
        guard let issuer = section.required("issuer", issuer), let audience = section.required("audience", audience), let keys else { return nil }
        self.init(issuer: issuer, audience: audience, keys: keys)
        tenantClaim = section.text("tenant_claim")
        if let claim = section.text("scopes_claim") { scopesClaim = claim }
        for name in section.list("scopes") ?? [] where Scope(rawValue: name) == nil {
            section.fail(
                "scopes", "'\(Limits.cut(name, to: 40))' is not a scope; known are \(Scope.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        defaultScopes = Scopes(names: section.list("scopes") ?? [])
        if let leeway = section.span("leeway", upTo: .seconds(600)) { self.leeway = leeway }
    }

    private static func keys(_ section: ConfigurationSection, _ folder: String) -> Keys? {
        let (url, secret, key) = (section.text("jwks"), section.text("secret"), section.text("public_key"))
        let given = [url, secret, key].count { $0 != nil }
        guard given == 1 else {
            if given > 1 || !section.names.isEmpty { section.fail("", "needs exactly one of jwks, secret and public_key") }
            return nil
        }
        if let url { return keySet(url, section) }
        if let secret {
            if secret.utf8.count < secretBytesMin { section.fail("secret", "must be at least \(secretBytesMin) bytes long, or it can be guessed") }
            return .secret(secret)
        }
        return key.flatMap { publicKey($0, section, folder) }
    }

    /// Whoever could answer in the issuer's place could let anybody in.
    private static func keySet(_ url: String, _ section: ConfigurationSection) -> Keys? {
        let isLocal = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"].contains { url.hasPrefix($0) }
        guard url.hasPrefix("https://") || isLocal else {
            section.fail("jwks", "must be an https:// URL, or an http:// one of this machine")
            return nil
        }
        return .keySet(url: url)
    }

    private static func publicKey(_ text: String, _ section: ConfigurationSection, _ folder: String) -> Keys? {
        if text.hasPrefix("-----BEGIN") { return .publicKey(pem: text) }
        do {
            return .publicKey(pem: try String(contentsOf: URL(filePath: FilePaths.absolute(text, in: folder)), encoding: .utf8))
        } catch {
            section.fail("public_key", "must be a key in PEM, or a readable file with one")
            return nil
        }
    }
}
