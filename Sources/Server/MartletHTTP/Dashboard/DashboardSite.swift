import MartletCore

/// What the dashboard serves from: the templates and files in the binary, prepared once a process.
struct DashboardSite: Sendable {
    let renderer: PageRenderer
    let assets: PageAssets
    /// Who reads the page that is being made.
    private(set) var reader = Identity.nobody

    private init() throws {
        assets = PageAssets()
        renderer = try PageRenderer(assets: assets)
    }

    func read(by reader: Identity) -> DashboardSite {
        var site = self
        site.reader = reader
        return site
    }

    static let shared = Result { try DashboardSite() }
}
