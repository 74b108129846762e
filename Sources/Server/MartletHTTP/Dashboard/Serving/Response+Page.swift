import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// Nothing runs, is styled or is loaded but what this server serves as a file, and nobody may frame a page with buttons.
    static let contentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
        + "form-action 'self'; frame-ancestors 'none'"

    /// An HTML page. Kept by no cache: it shows payloads, and the next look must be a fresh one.
    static func page(_ html: String, status: HTTPResponse.Status = .ok) -> Response {
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .cacheControl: "private, no-cache"]
        headers.protectPage()
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    /// After a form has done its work: the browser fetches `path`, and a reload does not send the form again.
    static func seeOther(_ path: String) -> Response {
        var headers: HTTPFields = [.location: path, .cacheControl: "no-store"]
        headers.protectPage()
        return Response(status: .seeOther, headers: headers)
    }
}

extension HTTPFields {
    mutating func protectPage() {
        self[.contentSecurityPolicy] = Response.contentPolicy
        self[.contentTypeOptions] = "nosniff"
        // `no-referrer` would make browsers send `Origin: null` with our own forms.
        self[.referrerPolicy] = "same-origin"
        self[.openerPolicy] = "same-origin"
    }
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    static let openerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
}
