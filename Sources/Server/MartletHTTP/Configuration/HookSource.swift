/// A sender of webhooks: what is kept of its requests besides their body.
public struct HookSource: Sendable, Hashable {
    /// The request headers that become part of the event, in lower case. Credentials and signatures do not belong here.
    public var headers: Set<String>

    /// Kept where nothing else is said: what common senders use to name the event and the delivery.
    public static let usualHeaders: Set<String> = [
        "content-type", "user-agent", "x-github-event", "x-github-delivery", "x-gitlab-event", "x-gitlab-event-uuid", "x-gitea-event",
        "x-gitea-delivery", "x-event-key", "x-event-type", "x-shopify-topic", "x-request-id", "webhook-id", "webhook-timestamp", "ce-id",
        "ce-type", "ce-source", "ce-time",
    ]

    public init(headers: Set<String> = HookSource.usualHeaders) {
        self.headers = headers
    }
}
