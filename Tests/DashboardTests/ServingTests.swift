import HTTPTypes
import Martlet
import MartletCore
import Testing

@testable import MartletHTTP

@Suite struct ServingTests {
    @Test func `every answer forbids what the pages do not need`() async throws {
        let site = try Site()
        let id = try await site.add()
        let answers = [
            try await site.get("/"), try await site.get("/jobs"), try await site.get("/jobs/\(id)"), try await site.get("/queues/media"),
            try await site.get("/triggers"), try await site.get("/jobs/abc"), try await site.get("/assets/rows.js"),
            try await site.post("/jobs/\(id)/cancel"), try await site.post("/jobs/\(id)/cancel", headers: [:]),
        ]
        for answer in answers {
            let policy = try #require(answer.headers[.contentSecurityPolicy])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
            #expect(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'") && policy.contains("form-action 'self'"))
            #expect(!policy.contains("unsafe"))
            #expect(answer.headers[.contentTypeOptions] == "nosniff")
        }
    }

    @Test func `every file that a page asks for is there, and stays until its content changes`() async throws {
        let site = try Site()
        let id = try await site.add()
        var paths: Set<String> = []
        for page in ["/", "/jobs", "/jobs/\(id)", "/triggers"] {
            let html = try await site.get(page).html
            for match in html.matches(of: /(?:src|href)="(\/assets\/[^"]+)"/) { paths.insert(String(match.1)) }
        }
        #expect(paths.count == PageAssets().byName.count)
        for path in paths {
            let answer = try await site.get(path)
            #expect(answer.status == 200, "\(path)")
            #expect(answer.headers[.cacheControl] == "public, max-age=31536000, immutable")
            let tag = try #require(answer.headers[.eTag])
            let again = try await site.get(path, headers: [.ifNoneMatch: tag])
            #expect(again.status == 304)
            #expect(again.bytes.isEmpty)
        }
    }

    @Test(arguments: ["", "?v=", "?v=0123456789abcdef"])
    func `a file asked for without its hash is not kept`(query: String) async throws {
        let answer = try await Site().get("/assets/style.css\(query)")
        #expect(answer.status == 200)
        #expect(answer.headers[.cacheControl] == "no-cache")
    }

    @Test func `scripts are short and stand alone`() throws {
        for (name, asset) in PageAssets().byName where name.hasSuffix(".js") {
            let text = String(decoding: asset.bytes, as: UTF8.self)
            #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count < 200, "\(name)")
            for word in ["import ", "eval(", "innerHTML =", "insertAdjacentHTML", "document.write", "http://cdn", "new Function"] {
                #expect(!text.contains(word), "\(name): \(word)")
            }
        }
    }

    @Test func `form fields are decoded as browsers encode them`() {
        let fields = FormFields("a=1+2&b=%E2%82%AC&c&d=x=y&a=second&bad=%zz&=empty&e=%2B")
        #expect(fields["a"] == "1 2")
        #expect(fields["b"] == "€")
        #expect(fields["c"] == "")
        #expect(fields["d"] == "x=y")
        #expect(fields["bad"] == nil)
        #expect(fields["e"] == "+")
        #expect(FormFields("")["a"] == nil)
    }
}
