import Foundation
import MartletCore

/// Where a request goes: the parts of an `http` or `https` URL, each checked, so that what was checked is what is connected to.
struct Target: Sendable, Hashable {
    enum Scheme: String, Sendable { case http, https }

    let scheme: Scheme
    /// A name of letters, digits, `-`, `_` and `.` in lower case, or the literal address without brackets.
    let host: String
    let literal: IPAddress?
    let port: Int
    /// Path and query, percent-encoded; begins with a slash.
    private let path: String

    init(_ text: String) throws(OutboundError) {
        guard text.utf8.count <= Self.bytesMax else { throw .invalidRequest("the URL is longer than \(Self.bytesMax) bytes") }
        guard let url = URL(string: text) else { throw .invalidRequest("the URL cannot be read") }
        try self.init(url)
    }

    private static let bytesMax = 16_384

    private init(_ url: URL) throws(OutboundError) {
        guard let parts = URLComponents(url: url, resolvingAgainstBaseURL: true) else { throw .invalidRequest("the URL cannot be read") }
        guard let scheme = parts.scheme.flatMap({ Scheme(rawValue: $0.lowercased()) }) else {
            throw .invalidRequest("the URL must begin with https:// or http://")
        }
        guard parts.user == nil, parts.password == nil else { throw .invalidRequest("the URL must not hold a user or password") }
        let written = parts.percentEncodedHost ?? ""
        let isBracketed = written.hasPrefix("[") && written.hasSuffix("]")
        let host = (isBracketed ? String(written.dropFirst().dropLast()) : written).lowercased()
        let literal = IPAddress(host)
        guard literal.map({ $0.isV6 == isBracketed }) ?? (!isBracketed && Self.isName(host)) else {
            throw .invalidRequest("the URL's host is neither a plain name nor an address")
        }
        let port = parts.port ?? (scheme == .https ? 443 : 80)
        guard (1...65_535).contains(port) else { throw .invalidRequest("the URL's port is not from 1 to 65535") }
        self.scheme = scheme
        // One spelling for each address, and no dot at the end: the name that is resolved, pinned and sent is the same.
        self.host = literal?.description ?? (host.hasSuffix(".") ? String(host.dropLast()) : host)
        self.literal = literal
        self.port = port
        let path = parts.percentEncodedPath
        self.path = (path.hasPrefix("/") ? path : "/" + path) + (parts.percentEncodedQuery.map { "?" + $0 } ?? "")
    }

    private static func isName(_ host: String) -> Bool {
        (1...253).contains(host.utf8.count) && host != "."
            && host.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
            }
    }

    /// What a `Location` header means from here (RFC 9110, section 10.2.2).
    func following(_ location: String) throws(OutboundError) -> Target {
        guard location.utf8.count <= Self.bytesMax, let base = URL(string: url), let url = URL(string: location, relativeTo: base) else {
            throw .redirectRefused("the redirect's location cannot be read")
        }
        do {
            return try Target(url.absoluteURL)
        } catch {
            throw .redirectRefused("the redirect leads to no address that may be requested")
        }
    }

    /// Scheme, host and port (RFC 6454): holds no secret.
    var origin: String { "\(scheme.rawValue)://\(literal?.isV6 == true ? "[\(host)]" : host):\(port)" }

    /// Whole, secrets and all: for the wire alone.
    var url: String { origin + path }

    func hasSameOrigin(as other: Target) -> Bool { scheme == other.scheme && host == other.host && port == other.port }
}
