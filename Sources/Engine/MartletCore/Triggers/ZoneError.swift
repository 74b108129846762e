/// No time zone has this name.
public struct ZoneError: Error, Hashable, CustomStringConvertible {
    public let name: String

    public init(name: String) {
        self.name = name
    }

    public var description: String {
        "'\(Limits.cut(name, to: 64))' is not a time zone known here; use UTC or an IANA name such as Europe/Berlin, spelled exactly"
    }
}
