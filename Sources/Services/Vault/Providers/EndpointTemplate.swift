import MartletCore

/// A URL with `{placeholders}`, such as `https://{entity}.example.com/{realm}/token`.
///
/// What fills a placeholder comes from users, so it can change neither where the request goes nor what it is: in the host a value is one DNS label,
/// and the last two labels are the template's own; in the path it is one segment or a part of one; in the query it is percent-encoded. There is
/// no placeholder in the scheme, the port or before an `@`.
struct EndpointTemplate: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case text(String)
        case placeholder(String)
    }

    private static let bytesMax = 2048
    private static let valueBytesMax = 255

    private let scheme: String
    private let host: [Part]
    private let port: String
    /// From the first slash to the query.
    private let path: [Part]
    /// After the question mark; empty where there is none.
    private let query: [Part]
    let placeholders: Set<String>

    /// - Throws: `ConnectionError.invalid` with `field`.
    init(_ text: String, field: String) throws(ConnectionError) {
        func fault(_ reason: String) -> ConnectionError { .invalid(field: field, reason: reason) }
        guard text.utf8.count <= Self.bytesMax else { throw fault("is longer than \(Self.bytesMax) bytes") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`|#".utf8.contains($0) }) else {
            throw fault("holds a fragment or a character that is none of a URL's")
        }
        guard let mark = text.firstRange(of: "://") else { throw fault("must be an absolute URL") }
        scheme = text[..<mark.lowerBound].lowercased()
        let rest = text[mark.upperBound...]
        let authorityEnd = rest.firstIndex { "/?".contains($0) } ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        let tail = rest[authorityEnd...]
        guard !authority.contains("@") else { throw fault("must not hold a user or a password") }
        let (hostText, portText) = try Self.split(authority, fault)
        port = portText
        let queryMark = tail.firstIndex(of: "?")
        let pathText = tail[..<(queryMark ?? tail.endIndex)]
        host = try Self.parts(hostText, fault)
        path = try Self.parts(pathText.isEmpty ? "/" : pathText, fault)
        query = try queryMark.map { mark throws(ConnectionError) in try Self.parts(tail[tail.index(after: mark)...], fault) } ?? []
        placeholders = Set((host + path + query).compactMap { if case .placeholder(let name) = $0 { name } else { nil } })
        try Self.check(scheme: scheme, host: String(hostText), hasPlaceholder: host != [.text(String(hostText))], fault)
    }

    private static func split(
        _ authority: Substring, _ fault: (String) -> ConnectionError
    ) throws(ConnectionError) -> (host: Substring, port: String) {
        let hostEnd = authority.first == "[" ? authority.firstIndex(of: "]").map { authority.index(after: $0) } : authority.firstIndex(of: ":")
        let host = authority[..<(hostEnd ?? authority.endIndex)]
        let rest = authority[host.endIndex...]
        guard !rest.isEmpty else { return (host, "") }
        guard rest.first == ":", let number = UInt16(rest.dropFirst()), number > 0 else { throw fault("has a port that is none") }
        return (host, String(rest))
    }

    private static func check(
        scheme: String, host: String, hasPlaceholder: Bool, _ fault: (String) -> ConnectionError
    ) throws(ConnectionError) {
        guard !host.isEmpty else { throw fault("has no host") }
        // Tokens in clear stay on this machine.
        let isLoopback = ["localhost", "127.0.0.1", "[::1]"].contains(host.lowercased())
        guard scheme == "https" || (scheme == "http" && isLoopback) else { throw fault("must begin with https://, or http:// on loopback") }
        if host.hasPrefix("[") {
            guard host.utf8.dropFirst().dropLast().allSatisfy({ $0.isHexadecimal || $0 == UInt8(ascii: ":") }), host.hasSuffix("]") else {
                throw fault("has a host that is none")
            }
            return
        }
        guard host.utf8.allSatisfy({ $0.isAlphanumeric || "-._{}".utf8.contains($0) }) else { throw fault("has a host that is none") }
        guard hasPlaceholder else { return }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 3, labels.suffix(2).allSatisfy({ !$0.contains("{") && !$0.isEmpty }) else {
            throw fault("must end its host with at least two labels of its own after a placeholder")
        }
        for label in labels where label.contains("{") {
            guard label.hasPrefix("{"), label.firstIndex(of: "}") == label.index(before: label.endIndex) else {
                throw fault("must have nothing beside a placeholder in one label of its host")
            }
        }
    }

    private static func parts(_ text: Substring, _ fault: (String) -> ConnectionError) throws(ConnectionError) -> [Part] {
        var parts: [Part] = []
        var rest = text
        while let start = rest.firstIndex(of: "{") {
            guard let end = rest[start...].firstIndex(of: "}") else { throw fault("has a placeholder that is not closed") }
            let name = rest[rest.index(after: start)..<end]
            guard !name.isEmpty, name.utf8.allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "_") }) else {
                throw fault("has a placeholder whose name is not of letters, digits and underscores")
            }
            if start > rest.startIndex { parts.append(.text(String(rest[..<start]))) }
            parts.append(.placeholder(String(name)))
            rest = rest[rest.index(after: end)...]
        }
        guard !rest.contains("}") else { throw fault("has a placeholder that is not opened") }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        return parts
    }

    /// The URL with its placeholders filled.
    /// - Throws: `ConnectionError.invalid` with the name of a placeholder.
    func fill(_ values: [String: String]) throws(ConnectionError) -> String {
        var url = "\(scheme)://"
        for part in host { url += try Self.text(part, values) { Self.isLabel($0) ? $0.lowercased() : nil } }
        url += port
        for part in path {
            // A dot segment would climb out of the path.
            url += try Self.text(part, values) { $0.utf8.allSatisfy { $0 == UInt8(ascii: ".") } ? nil : PercentEncoding.encode($0) }
        }
        guard !query.isEmpty else { return url }
        url += "?"
        for part in query { url += try Self.text(part, values) { PercentEncoding.encode($0) } }
        return url
    }

    private static func text(
        _ part: Part, _ values: [String: String], _ encode: (String) -> String?
    ) throws(ConnectionError) -> String {
        switch part {
        case .text(let text): return text
        case .placeholder(let name):
            guard let value = values[name], !value.isEmpty else { throw .invalid(field: name, reason: "is missing") }
            guard value.utf8.count <= valueBytesMax, !value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }), let encoded = encode(value) else {
                throw .invalid(field: name, reason: "holds what cannot stand in its place of the provider's URL")
            }
            return encoded
        }
    }

    /// One label of a host's name (RFC 1123, section 2.1).
    private static func isLabel(_ value: String) -> Bool {
        (1...63).contains(value.utf8.count) && value.utf8.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "-") }
            && value.utf8.first != UInt8(ascii: "-") && value.utf8.last != UInt8(ascii: "-")
    }
}

extension UInt8 {
    fileprivate var isAlphanumeric: Bool { (48...57).contains(self) || (65...90).contains(self) || (97...122).contains(self) }
    fileprivate var isHexadecimal: Bool { (48...57).contains(self) || (65...70).contains(self) || (97...102).contains(self) }
}
