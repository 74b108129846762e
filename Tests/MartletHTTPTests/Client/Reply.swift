import MartletCore
import Testing

/// An answer, read whole.
struct Reply: Sendable {
    let status: Int
    /// By name in lower case.
    let headers: [String: String]
    let body: [UInt8]

    init(_ bytes: [UInt8]) throws {
        let end = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("\r\n\r\n".utf8)) })
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        status = try #require(Int(lines[0].split(separator: " ")[1]))
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let colon = try #require(line.firstIndex(of: ":"))
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        self.headers = headers
        let rest = Array(bytes[(end + 4)...])
        body = headers["transfer-encoding"] == "chunked" ? try Self.joined(rest) : rest
    }

    private static func joined(_ chunks: [UInt8]) throws -> [UInt8] {
        var (whole, index) = ([UInt8](), 0)
        while let end = chunks[index...].firstIndex(of: UInt8(ascii: "\r")) {
            let size = try #require(Int(String(decoding: chunks[index..<end], as: UTF8.self), radix: 16))
            if size == 0 { break }
            whole += chunks[(end + 2)..<(end + 2 + size)]
            index = end + 2 + size + 2
        }
        return whole
    }

    var text: String { String(decoding: body, as: UTF8.self) }

    var json: JSON {
        get throws { try JSON(parsing: body) }
    }

    /// The last part of the problem's type; `nil` where this is no problem.
    var problem: String? {
        get throws { headers["content-type"] == "application/problem+json" ? try json["type"]?.stringValue : nil }
    }
}
