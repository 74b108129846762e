import Foundation
import MartletCore
import Synchronization

@testable import Vault

/// A token endpoint of the test's making: each request is recorded and gets the next answer, or waits until the test has one.
final class ScriptedExchange: TokenExchange {
    enum Answer: Sendable {
        case reply(Int, String, retryAfter: String? = nil)
        /// The connection was never made.
        case unreachable
        /// The request went out, and no reply came.
        case lost
        /// Waits for `release`.
        case held
    }

    struct Received: Sendable {
        let request: TokenRequest
        let limit: Duration

        var fields: [String: String] {
            Dictionary(
                uniqueKeysWithValues: String(decoding: request.body, as: UTF8.self).split(separator: "&").map { pair in
                    let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    return (String(parts[0]), String(parts[1]).removingPercentEncoding ?? "")
                })
        }
    }

    private struct State {
        var answers: [Answer] = []
        var received: [Received] = []
        var held: [CheckedContinuation<Answer, Never>] = []
        var watchers: [(count: Int, wake: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var received: [Received] { state.withLock { $0.received } }

    func script(_ answers: Answer...) { state.withLock { $0.answers += answers } }

    /// Returns once so many requests have come in all.
    func wait(for count: Int) async {
        await withCheckedContinuation { wake in
            let isThere = state.withLock { state in
                if state.received.count >= count { return true }
                state.watchers.append((count, wake))
                return false
            }
            if isThere { wake.resume() }
        }
    }

    /// Answers the request that has been held longest.
    func release(_ answer: Answer) {
        state.withLock { $0.held.removeFirst() }.resume(returning: answer)
    }

    func post(_ request: TokenRequest, within limit: Duration) async throws(TokenExchangeFailure) -> TokenReply {
        let (answer, watchers) = state.withLock { state in
            state.received.append(Received(request: request, limit: limit))
            let count = state.received.count
            let satisfied = state.watchers.filter { $0.count <= count }
            state.watchers.removeAll { $0.count <= count }
            return (state.answers.isEmpty ? Answer.held : state.answers.removeFirst(), satisfied)
        }
        var given = answer
        if case .held = answer {
            given = await withCheckedContinuation { continuation in
                state.withLock { $0.held.append(continuation) }
                for watcher in watchers { watcher.wake.resume() }
            }
        } else {
            for watcher in watchers { watcher.wake.resume() }
        }
        switch given {
        case .reply(let status, let body, let retryAfter): return TokenReply(status: status, retryAfter: retryAfter, body: Array(body.utf8))
        case .unreachable: throw TokenExchangeFailure(reason: "connection refused", mayHaveReached: false)
        case .lost, .held: throw TokenExchangeFailure(reason: "no reply in time", mayHaveReached: true)
        }
    }
}

extension ScriptedExchange.Answer {
    /// New tokens.
    static func tokens(_ access: String, refresh: String? = nil, lifetime: Int = 3600) -> Self {
        let rest = refresh.map { #","refresh_token":"\#($0)""# } ?? ""
        return .reply(200, #"{"access_token":"\#(access)","token_type":"Bearer","expires_in":\#(lifetime)\#(rest)}"#)
    }

    static func error(_ code: String, status: Int = 400) -> Self { .reply(status, #"{"error":"\#(code)","error_description":"s3cret text"}"#) }
}
