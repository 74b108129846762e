/// What a cache knows in this process: entries, computations under way, and how far it has heard of invalidations. Pure: events in, what to do out.
struct CacheState {
    /// What a caller gets.
    enum Answer {
        case value([UInt8]?)
        /// It waits for this flight.
        case wait(flight: Int)
        case refused(CacheError)
    }

    private let cache: String
    private let limits: CacheLimits
    private(set) var memory: CacheMemory
    private(set) var flights: [Int: Flight] = [:]
    /// The flight that callers for a key join.
    private var attached: [String: Int] = [:]
    private var nextNumber = 1
    private(set) var waiting = 0
    private(set) var isStopped = false
    private(set) var statistics = CacheStatistics()
    /// The last invalidation seen, and when it was asked for.
    private(set) var lastHeard: Int?
    private var heardAt: Duration?

    init(cache: String, limits: CacheLimits) {
        self.cache = cache
        self.limits = limits
        memory = CacheMemory(bytesMax: limits.bytes, entriesMax: limits.entries)
    }

    /// Whether invalidations by others are known up to a second ago; nothing is served as fresh where they are not.
    func isHearing(at now: Duration) -> Bool { heardAt.map { now - $0 <= CacheLimits.hearingMax } ?? false }

    /// Whether there is anything that an invalidation could be about.
    var mustHear: Bool { memory.count > 0 || !flights.isEmpty }

    // MARK: Callers

    /// - Parameter die: uniform in (0, 1].
    /// - Returns: what the caller gets, and the flight that it has set off, if any.
    mutating func ask(
        _ key: String, _ policy: CachePolicy, at now: Duration, die: Double, _ compute: @escaping @Sendable () async throws -> [UInt8]?
    ) -> (answer: Answer, started: Int?) {
        if isStopped { return (.refused(.stopped(cache: cache)), nil) }
        let entry = memory.use(key)
        if let entry, entry.isFresh(at: now), isHearing(at: now) {
            statistics.hits += 1
            let isDue = EarlyRefresh.isDue(left: entry.freshUntil - now, cost: entry.cost, eagerness: policy.eagerness, die: die)
            guard isDue, attached[key] == nil, !entry.isPaused(at: now), flights.count < limits.flights else {
                return (.value(entry.value), nil)
            }
            return (.value(entry.value), start(Flight(key: key, policy: policy, compute: compute, renews: entry.freshUntil)))
        }
        if let entry, entry.isServedStale(at: now) {
            statistics.stale += 1
            return (.value(entry.value), nil)
        }
        guard waiting < limits.waiters else { return (.refused(.overloaded(cache: cache)), nil) }
        if let number = attached[key] {
            statistics.misses += 1
            statistics.joined += 1
            return (.wait(flight: number), nil)
        }
        guard flights.count < limits.flights else { return (.refused(.overloaded(cache: cache)), nil) }
        statistics.misses += 1
        let number = start(Flight(key: key, policy: policy, compute: compute))
        return (.wait(flight: number), number)
    }

    private mutating func start(_ flight: Flight) -> Int {
        let number = takeNumber()
        flights[number] = flight
        attached[flight.key] = number
        return number
    }

    mutating func takeNumber() -> Int {
        defer { nextNumber += 1 }
        return nextNumber
    }

    /// - Returns: `false` where the flight is over.
    mutating func join(_ flight: Int, as waiter: Int, _ continuation: CheckedContinuation<[UInt8]?, any Error>) -> Bool {
        guard flights[flight] != nil else { return false }
        flights[flight]?.waiters[waiter] = continuation
        waiting += 1
        return true
    }

    mutating func leave(_ flight: Int, as waiter: Int) -> CheckedContinuation<[UInt8]?, any Error>? {
        guard let continuation = flights[flight]?.waiters.removeValue(forKey: waiter) else { return nil }
        waiting -= 1
        return continuation
    }

    // MARK: Flights

    /// A value that need not be computed: one in memory that is known to be good now. A flight that renews it asks for one that lasts longer.
    mutating func known(to flight: Flight, at now: Duration) -> CacheEntry? {
        guard let entry = memory.use(flight.key), entry.isFresh(at: now), isHearing(at: now) else { return nil }
        if let renewed = flight.renews, entry.freshUntil <= renewed { return nil }
        return entry
    }

    /// From here on the flight may have read what an invalidation is about.
    mutating func beginReading(_ number: Int) { flights[number]?.isReading = true }

    mutating func beginComputing(_ number: Int) {
        statistics.computations += 1
        if flights[number]?.renews != nil { statistics.earlyRefreshes += 1 }
    }

    /// Ends a flight that renews a value, where somebody else does; unless a caller waits by now, for whom it goes on.
    /// - Returns: whether it has ended.
    mutating func giveWay(_ number: Int, at now: Duration) -> Bool {
        guard let flight = flights[number] else { return true }
        guard flight.waiters.isEmpty else {
            flights[number]?.renews = nil
            return false
        }
        _ = remove(number)
        // Whoever renews it is given some of the time it takes; then the next reader looks.
        memory.change(flight.key) { $0.pausedUntil = now + max($0.cost / 4, .milliseconds(100)) }
        return true
    }

    mutating func refusedWrite() { statistics.refused += 1 }

    /// A value that is past its time, found where all processes keep theirs: for the case that its computation fails.
    mutating func keepStale(_ key: String, _ entry: CacheEntry, for flight: Int) {
        guard flights[flight]?.isDetached == false, memory.use(key) == nil else { return }
        put(key, entry)
    }

    /// Ends a flight with a value.
    /// - Returns: who waits for it.
    mutating func land(_ number: Int, _ landing: Landing, at now: Duration) -> [CheckedContinuation<[UInt8]?, any Error>] {
        guard let flight = remove(number) else { return [] }
        if landing.isShared { statistics.shared += 1 }
        if landing.isKept, !flight.isDetached, (landing.value?.count ?? 0) <= limits.valueBytes {
            let freshUntil = now + min(landing.freshFor, flight.policy.ttl(of: landing.value))
            put(
                flight.key,
                CacheEntry(value: landing.value, cost: landing.cost, freshUntil: freshUntil, staleUntil: freshUntil + flight.policy.staleFor))
        }
        return Array(flight.waiters.values)
    }

    /// Ends a flight whose computation failed.
    /// - Returns: who waits, and the value past its time that they get in place of the error.
    mutating func fail(
        _ number: Int, at now: Duration
    ) -> (waiters: [CheckedContinuation<[UInt8]?, any Error>], stale: CacheEntry?) {
        guard let flight = remove(number) else { return ([], nil) }
        statistics.failures += 1
        var stale: CacheEntry?
        memory.change(flight.key) { $0.pausedUntil = now + flight.policy.errorPause }
        if !flight.isDetached, flight.policy.staleFor > .zero, let entry = memory.use(flight.key), now < entry.staleUntil {
            memory.change(flight.key) { $0.failedUntil = now + flight.policy.errorPause }
            stale = entry
            statistics.stale += flight.waiters.count
        }
        return (Array(flight.waiters.values), stale)
    }

    private mutating func remove(_ number: Int) -> Flight? {
        guard let flight = flights.removeValue(forKey: number) else { return nil }
        if attached[flight.key] == number { attached[flight.key] = nil }
        waiting -= flight.waiters.count
        return flight
    }

    private mutating func put(_ key: String, _ entry: CacheEntry) {
        statistics.evictions += memory.put(key, entry)
    }

    // MARK: Invalidations

    /// Forgets what is in the range. Computations under way end for those who wait already; later callers begin new ones.
    mutating func forget(_ range: KeyRange) {
        statistics.invalidations += 1
        memory.remove { key, _ in range.contains(key) }
        for (key, number) in attached where range.contains(key) && flights[number]?.isReading == true {
            flights[number]?.isDetached = true
            attached[key] = nil
        }
    }

    /// - Parameter asked: when the news were asked for.
    mutating func hear(_ news: Invalidations.News, askedAt asked: Duration) {
        if news.isBroken || lastHeard == nil {
            // Without a beginning nobody knows what was missed.
            forget(KeyRange(prefix: ""))
        } else if let lastHeard, news.last > lastHeard {
            // What another look has heard already is not forgotten again: it may have been computed anew since.
            news.ranges.forEach { forget($0) }
        }
        lastHeard = news.isBroken ? news.last : max(lastHeard ?? 0, news.last)
        heardAt = max(heardAt ?? asked, asked)
    }

    mutating func sweep(at now: Duration) {
        memory.remove { _, entry in now >= entry.freshUntil && now >= entry.staleUntil }
    }

    /// - Returns: everybody who waits.
    mutating func stop() -> [CheckedContinuation<[UInt8]?, any Error>] {
        isStopped = true
        let everybody = flights.values.flatMap(\.waiters.values)
        (flights, attached, waiting) = ([:], [:], 0)
        return everybody
    }

    var report: CacheStatistics {
        var report = statistics
        (report.entries, report.bytes) = (memory.count, memory.bytes)
        return report
    }
}
