/// The files beside the pages. Each is asked for with the hash of its content in the query, so browsers keep it until it changes.
struct PageAssets: Sendable {
    struct Asset: Sendable {
        let bytes: [UInt8]
        let mediaType: String
        /// Of the content: 16 hexadecimal digits.
        let hash: String

        init(_ bytes: [UInt8], _ mediaType: String) {
            self.bytes = bytes
            self.mediaType = mediaType
            // FNV-1a: tells versions apart, protects nothing.
            let hash = bytes.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            let digits = String(hash, radix: 16)
            self.hash = String(repeating: "0", count: 16 - digits.count) + digits
        }
    }

    let byName: [String: Asset] = [
        "style.css": Asset(PackageResources.style_css, "text/css; charset=utf-8"),
        "icon.svg": Asset(PackageResources.icon_svg, "image/svg+xml"),
        "theme.js": Asset(PackageResources.theme_js, "text/javascript; charset=utf-8"),
        "rows.js": Asset(PackageResources.rows_js, "text/javascript; charset=utf-8"),
        "live-overview.js": Asset(PackageResources.live_overview_js, "text/javascript; charset=utf-8"),
        "job-stream.js": Asset(PackageResources.job_stream_js, "text/javascript; charset=utf-8"),
    ]

    func path(of name: String) -> String { "/assets/\(name)?v=\(byName[name]?.hash ?? "")" }
}
