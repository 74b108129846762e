import MartletCore

/// What the dashboard serves from: the templates and files in the binary, prepared once a process.
struct DashboardSite: Sendable {
    let renderer: PageRenderer
    let assets: PageAssets

    private init() throws {
        assets = PageAssets()
        renderer = try PageRenderer(assets: assets)
    }

    static let shared = Result { try DashboardSite() }
}
