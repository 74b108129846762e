import MartletCore

/// What the headers of an answer say about limits, in every dialect at once. Total: there is no input that it does not take, and nothing in it
/// is trusted beyond its bounds.
///
/// Sources: RFC 9110 (Retry-After); draft-ietf-httpapi-ratelimit-headers-10 (`RateLimit`, `RateLimit-Policy`) and its forms up to draft 07; the
/// documentation of GitHub, X, Discord, Mastodon, Bluesky, OpenAI, Anthropic and Meta.
struct LimitHeaders: Sendable, Hashable {
    /// At most `readingsMax`, one for each name.
    private(set) var readings: [LimitReading] = []
    /// How long to stay away after a refusal; `nil` where nothing says so.
    private(set) var retryAfter: Duration?
    /// How long to stay away although the answer was no refusal: a quota of percent is used up.
    private(set) var pause: Duration?
    /// The refusal is about the whole credential, not the endpoint alone (Discord).
    private(set) var isGlobal = false

    static let readingsMax = 8
    static let valueBytesMax = 4096
    /// No server shall park a scope for longer.
    static let resetMax = RetryPolicy.patienceMax

    private var drafts: [String: Draft] = [:]

    /// - Parameter fields: names and values as received; names in any case.
    init(_ fields: some Sequence<(String, String)>, now: Timestamp) {
        var date: Timestamp?
        var found: [(name: String, value: String)] = []
        for (name, value) in fields where Self.mayMatter(name) && value.utf8.count <= Self.valueBytesMax {
            let lower = name.lowercased()
            if lower == "date" {
                date = RetryAfter.parse(value, now: .epoch).map { Timestamp.epoch + $0 }
            } else if found.count < 64 {
                found.append((lower, value))
            }
        }
        // Absolute times are the server's: its own clock says how far away they are.
        let clock = date.flatMap { abs(($0 - now).inSeconds) < Self.resetMax.inSeconds ? $0 : nil } ?? now
        for (name, value) in found { read(name, value, clock) }
        for (name, draft) in drafts.sorted(by: { $0.key < $1.key }) where readings.count < Self.readingsMax {
            if let reading = draft.reading(name) { add(reading) }
        }
        drafts = [:]
    }

    /// Most headers are passed over after one byte.
    private static func mayMatter(_ name: String) -> Bool {
        guard let first = name.utf8.first, name.utf8.count <= 96 else { return false }
        // In lower case: a(nthropic), d(ate), r(atelimit, etry-after), x
        switch first | 0x20 {
        case 0x61, 0x64, 0x72, 0x78: return true
        default: return false
        }
    }

    private mutating func read(_ name: String, _ value: String, _ now: Timestamp) {
        switch name {
        case "retry-after": hold(LimitValue.delay(value, now: now))
        case "retry-after-ms", "x-ms-retry-after-ms": hold(LimitValue.number(value).map { .microseconds(LimitValue.clamped($0 * 1000)) })
        case "x-ratelimit-global": isGlobal = isGlobal || value.lowercased() == "true"
        case "x-ratelimit-scope": isGlobal = isGlobal || value.lowercased() == "global"
        case "ratelimit": structured(value)
        case "x-app-usage", "x-ad-account-usage", "x-business-use-case-usage": usage(value)
        default: member(name, value, now)
        }
    }

    private mutating func hold(_ delay: Duration?) {
        guard let delay else { return }
        retryAfter = max(retryAfter ?? .zero, min(delay, Self.resetMax))
    }

    /// `x-ratelimit-remaining`, `x-ratelimit-remaining-tokens`, `anthropic-ratelimit-tokens-remaining`, `x-app-limit-24hour-remaining`: what is
    /// neither the prefix nor the field is the name.
    private mutating func member(_ name: String, _ value: String, _ now: Timestamp) {
        guard let prefix = Self.prefixes.first(where: { name.hasPrefix($0) }) else { return }
        var words = name.dropFirst(prefix.count).split(separator: "-")
        let field: Draft.Field
        if let place = words.firstIndex(of: "reset") {
            let isDelay = place + 1 < words.count && words[place + 1] == "after"
            words.removeSubrange(place...(isDelay ? place + 1 : place))
            field = isDelay ? .resetAfter : .reset
        } else if let place = words.firstIndex(of: "remaining") {
            words.remove(at: place)
            field = .remaining
        } else if let place = words.lastIndex(of: "limit") {
            words.remove(at: place)
            field = .limit
        } else {
            return
        }
        var key = words.joined(separator: "-")
        if prefix == "x-app-limit-" { key = "app-" + key }
        if prefix == "x-user-limit-" { key = "user-" + key }
        guard key.utf8.count <= LimitValue.nameBytesMax, drafts[key] != nil || drafts.count < Self.readingsMax else { return }
        // These two refill bit by bit and name what they count.
        let isRefilling = prefix == "anthropic-ratelimit-" || key == "requests" || key == "tokens"
        drafts[key, default: Draft(isRefilling: isRefilling)].take(field, value, now)
    }

    private static let prefixes = [
        "x-ratelimit-", "x-rate-limit-", "ratelimit-", "anthropic-ratelimit-", "x-app-limit-", "x-user-limit-",
    ]

    /// `"default";r=50;t=30`, and the dictionary of draft 07: `limit=100, remaining=50, reset=30`.
    private mutating func structured(_ value: String) {
        var old = Draft(isRefilling: false)
        for item in LimitValue.items(value).prefix(Self.readingsMax) {
            if let remaining = item.parameters["r"].flatMap(LimitValue.count), let reset = item.parameters["t"].flatMap(LimitValue.number) {
                add(LimitReading(name: item.name, limit: nil, remaining: remaining, resetAfter: LimitValue.span(seconds: reset)))
            } else if let field = Draft.Field(rawValue: item.name), let text = item.parameters[""] {
                // Always a number of seconds from now, whatever its size.
                old.take(field == .reset ? .resetAfter : field, text, .epoch)
            }
        }
        if let reading = old.reading("") { add(reading) }
    }

    /// The first of a name stands. `RateLimit-Policy` says the limits of names; they are not needed: where no limit is told, few left are counted.
    private mutating func add(_ reading: LimitReading) {
        guard readings.count < Self.readingsMax, !readings.contains(where: { $0.name == reading.name }) else { return }
        readings.append(reading)
    }

    /// Meta's usage: percent of what is allowed, by several measures, and the minutes until access is regained.
    private mutating func usage(_ value: String) {
        let json: JSON
        do throws(JSONError) { json = try JSON(parsing: value) } catch { return }
        var percent = 0.0
        var minutes = 0.0
        var left = 256
        Self.walk(json, depth: 0, &left) { name, number in
            if name == "estimated_time_to_regain_access" {
                minutes = max(minutes, number)
            } else if name == "reset_time_duration" {
                minutes = max(minutes, number / 60)
            } else if name.hasSuffix("_pct") || name == "call_count" || name.hasPrefix("total_") {
                percent = max(percent, number)
            }
        }
        guard percent >= Self.usageMax else { return }
        // Without a time the window is a rolling hour, of which some is given back with every minute.
        pause = max(pause ?? .zero, minutes > 0 ? LimitValue.span(seconds: minutes * 60) : .seconds(300))
    }

    /// The last percents are left: calls that are under way use them up.
    private static let usageMax = 95.0

    private static func walk(_ json: JSON, depth: Int, _ left: inout Int, _ found: (String, Double) -> Void) {
        guard depth < 4 else { return }
        switch json {
        case .object(let members):
            for member in members where left > 0 {
                left -= 1
                if let number = member.value.doubleValue, number.isFinite { found(member.name, number) }
                walk(member.value, depth: depth + 1, &left, found)
            }
        case .array(let items):
            for item in items where left > 0 {
                left -= 1
                walk(item, depth: depth + 1, &left, found)
            }
        default: return
        }
    }
}

/// The parts of one limit, as they come header by header.
private struct Draft: Sendable, Hashable {
    enum Field: String { case limit, remaining, reset, resetAfter }

    let isRefilling: Bool
    private var limit: Int?
    private var remaining: Int?
    private var reset: Duration?
    private var isPrecise = false

    init(isRefilling: Bool) {
        self.isRefilling = isRefilling
    }

    mutating func take(_ field: Field, _ value: String, _ now: Timestamp) {
        switch field {
        case .limit: limit = limit ?? LimitValue.count(value)
        case .remaining: remaining = remaining ?? LimitValue.count(value)
        case .reset where !isPrecise: reset = LimitValue.reset(value, now: now) ?? reset
        case .reset: return
        case .resetAfter:
            guard let seconds = LimitValue.number(value) else { return }
            reset = LimitValue.span(seconds: seconds)
            isPrecise = true
        }
    }

    /// Without how many are left, or until when, it is no limit to go by.
    func reading(_ name: String) -> LimitReading? {
        guard let remaining, let reset else { return nil }
        return LimitReading(name: name, limit: limit, remaining: remaining, resetAfter: reset, isRefilling: isRefilling)
    }
}
