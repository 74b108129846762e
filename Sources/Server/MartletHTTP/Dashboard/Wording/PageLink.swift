import MartletCore

/// The addresses of the pages.
enum PageLink {
    static func job(_ id: JobID) -> String { "/jobs/\(id)" }
    static func rawJob(_ id: JobID) -> String { "/v1/jobs/\(id)" }
    static func queue(_ name: String) -> String { "/queues/\(encode(name))" }
    static func rawQueue(_ name: String) -> String { "/v1/queues/\(encode(name))" }
    static func trigger(_ name: String) -> String { "/triggers?name=\(encode(name))" }
    static func triggerAction(_ name: String, _ verb: String) -> String { "/triggers/\(encode(name))/\(verb)" }

    /// The list of jobs with these filters; those without a value are left out.
    static func jobs(_ filters: [(name: String, value: String)]) -> String {
        let query = filters.filter { !$0.value.isEmpty }.map { "\($0.name)=\(encode($0.value))" }.joined(separator: "&")
        return query.isEmpty ? "/jobs" : "/jobs?\(query)"
    }

    /// Everything but the unreserved characters of RFC 3986 as `%XX`, so that a name is one segment of a path whatever it holds.
    static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
