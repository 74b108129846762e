import Glibc
import MartletCore
import NIOPosix
import Synchronization

/// Finds the addresses of a host name. Requests are connected to the very addresses it answers, after they have been checked.
public protocol HostResolver: Sendable {
    /// - Returns: at least one address, in the order of preference.
    /// - Throws: `OutboundError.unresolvable`; `CancellationError` as soon as the task is cancelled.
    func addresses(of host: String) async throws -> [IPAddress]

    /// Ends what it holds.
    func stop() async throws
}

/// The system's resolver (`getaddrinfo`) on threads of its own, so that name servers that never answer hold up no other work.
public final class SystemResolver: HostResolver {
    private let threads: NIOThreadPool

    /// - Parameter threads: lookups at once.
    public init(threads: Int = 16) {
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.threads.start()
    }

    public func stop() async throws { try await threads.shutdownGracefully() }

    public func addresses(of host: String) async throws -> [IPAddress] {
        // A lookup cannot be called back: whoever is cancelled leaves it to its thread.
        let answer = LookupAnswer()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard answer.wait(continuation) else { return }
                threads.submit { state in
                    answer.give(state == .active ? Self.lookUp(host) : .failure(OutboundError.stopped))
                }
            }
        } onCancel: {
            answer.give(.failure(CancellationError()))
        }
    }

    private static func lookUp(_ host: String) -> Result<[IPAddress], any Error> {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return .failure(OutboundError.unresolvable(host: host)) }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = list
        while let entry = next {
            if let address = address(entry.pointee), !found.contains(address) { found.append(address) }
            next = entry.pointee.ai_next
        }
        return found.isEmpty ? .failure(OutboundError.unresolvable(host: host)) : .success(found)
    }

    private static func address(_ entry: addrinfo) -> IPAddress? {
        guard let raw = entry.ai_addr else { return nil }
        switch entry.ai_family {
        case AF_INET:
            return raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin_addr) { IPAddress(bytes: Array($0)) }
            }
        case AF_INET6:
            return raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin6_addr) { IPAddress(bytes: Array($0)) }
            }
        default: return nil
        }
    }
}

/// The answer of one lookup: whoever comes first gives it.
private final class LookupAnswer: Sendable {
    private enum State {
        case idle
        case waiting(CheckedContinuation<[IPAddress], any Error>)
        case given(Result<[IPAddress], any Error>)
    }

    private let state = Mutex(State.idle)

    /// `false` where the answer was there already, and has been handed over.
    func wait(_ continuation: CheckedContinuation<[IPAddress], any Error>) -> Bool {
        let early: Result<[IPAddress], any Error>? = state.withLock { state in
            if case .given(let result) = state { return result }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(with: early) }
        return early == nil
    }

    func give(_ result: Result<[IPAddress], any Error>) {
        let waiting: CheckedContinuation<[IPAddress], any Error>? = state.withLock { state in
            defer { if case .given = state {} else { state = .given(result) } }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(with: result)
    }
}
