import MartletCore
import Mustache

/// Turns pages into HTML. The templates are part of the binary and parsed once.
struct PageRenderer: Sendable {
    private let library: MustacheLibrary
    private let assets: PageAssets

    /// The names under which templates refer to each other, and their text.
    static let templates: [(name: String, text: [UInt8])] = [
        ("layout", PackageResources.layout_mustache), ("mark", PackageResources.mark_mustache), ("time", PackageResources.time_mustache),
        ("chip", PackageResources.chip_mustache), ("progress", PackageResources.progress_mustache),
        ("job-rows", PackageResources.job_rows_mustache), ("overview", PackageResources.overview_mustache),
        ("jobs", PackageResources.jobs_mustache), ("job", PackageResources.job_mustache), ("queue", PackageResources.queue_mustache),
        ("triggers", PackageResources.triggers_mustache), ("message", PackageResources.message_mustache),
        ("form-token", PackageResources.form_token_mustache), ("sign-in", PackageResources.sign_in_mustache),
    ]

    private static let navigation: [(path: String, label: String, scope: Scope)] = [
        ("/", "Overview", .queuesRead), ("/jobs", "Jobs", .jobsRead), ("/triggers", "Triggers", .triggersRead),
    ]

    /// - Throws: where a template is not well formed.
    init(assets: PageAssets) throws {
        MustacheContentTypes.register(PageText(), named: PageText.name)
        var library = MustacheLibrary()
        for (name, text) in Self.templates {
            // Each template for itself says how it escapes: a partial starts with Mustache's own way again.
            try library.register("{{% CONTENT_TYPE:\(PageText.name)}}" + String(decoding: text, as: UTF8.self), named: name)
        }
        self.library = library
        self.assets = assets
    }

    /// - Parameters:
    ///   - now: the store's time, from which the page counts.
    ///   - notice: what has just been done.
    ///   - reader: who will see the page.
    func render<View: PageView>(_ view: View, now: Timestamp, notice: String? = nil, for reader: Identity) -> String {
        var values = view.values
        values["pageTitle"] = view.title
        values["pageScripts"] = view.scripts.map(assets.path)
        values["assetIcon"] = assets.path(of: "icon.svg")
        values["assetStyle"] = assets.path(of: "style.css")
        values["assetTheme"] = assets.path(of: "theme.js")
        values["navigation"] = Self.navigation.filter { reader.principal.may($0.scope) }.map { item -> PageValues in
            ["navHref": item.path, "navLabel": item.label, "navCurrent": item.path == view.section]
        }
        values["formToken"] = reader.session.map(FormToken.of(session:)).orFalse
        values["signedInAs"] = reader.session.map { _ in reader.principal.name }.orFalse
        values["liveSeconds"] = view.refreshSeconds.map(String.init).orFalse
        values["storeNow"] = String(now.microseconds)
        values["storeTime"] = Timestamp(seconds: now.microseconds / 1_000_000).description
        values["notice"] = notice.orFalse
        return library.render(values, withTemplate: View.template) ?? ""
    }
}
