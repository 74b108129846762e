import Hummingbird

/// What a request carries through the router: nothing but what Hummingbird needs, since reading and writing bodies is done here by hand.
public struct APIContext: RequestContext {
    public var coreContext: CoreRequestContextStorage

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
    }
}
