import HTTPTypes

extension HTTPField.Name {
    static let requestID = HTTPField.Name("X-Request-Id")!
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
    static let fetchSite = HTTPField.Name("Sec-Fetch-Site")!
    static let contentTypeOptions = HTTPField.Name.xContentTypeOptions
    static let accelBuffering = HTTPField.Name("X-Accel-Buffering")!
}
