import MartletCore

/// The store: whether it opens, is whole, and holds anything that nobody looks after.
struct StoreChecks {
    let configuration: Configuration
    let environment: MartletCore.Environment

    func run() async -> [Finding] {
        guard configuration.store.exists else {
            return [.warn("store", "there is none at \(configuration.store)", do: "'\(Process.invocation) serve' makes one")]
        }
        do {
            return try await OpenStore.with(configuration.store, environment: environment) { open in
                let warnings = open.warnings.map { Finding.warn("durability", $0, do: "accepted work may be lost until then") }
                return await [.ok("store", "\(configuration.store)")] + warnings + look(into: open.store)
                    + AccessChecks(configuration: configuration, environment: environment).run(open.store)
            }
        } catch {
            return [.fail("store", "\(error)", do: "nothing was changed; a copy of the data is worth having before anything else")]
        }
    }

    private func look(into store: any Store) async -> [Finding] {
        let file = configuration.store.path.map { FileChecks(path: $0).run() } ?? []
        do throws(StoreError) {
            let overview = try await store.overview()
            return file + [clock(overview)] + kinds(overview) + nodes(overview) + queues(overview)
        } catch {
            return file + [.fail("store", "\(error)", do: "see whether the disk is full and the server can be reached")]
        }
    }

    /// The store's time never goes back, so it shows where the machine's clock once was.
    private func clock(_ overview: Overview) -> Finding {
        let ahead = overview.now - environment.clock.now()
        guard ahead > .seconds(5) else { return .ok("store's clock", "agrees with the machine's") }
        return .warn(
            "store's clock", "is \(Wording.duration(ahead)) ahead of the machine's",
            do: "the machine's clock was ahead once; wait until it has caught up")
    }

    private func kinds(_ overview: Overview) -> [Finding] {
        let unknown = overview.kinds.filter { $0.counts.ready > 0 && configuration.commands[$0.name] == nil }
        guard !unknown.isEmpty else { return [.ok("kinds", "every ready job is of a kind that the configuration knows")] }
        return unknown.map { kind in
            .warn(
                "kind \(TextWidth.harmless(kind.name))",
                "\(Wording.plural(kind.counts.ready, "job")) ready, and no command of this configuration runs them",
                do: "fine where another program does; else add the command, or cancel them")
        }
    }

    private func nodes(_ overview: Overview) -> [Finding] {
        let dead = overview.nodes.filter { $0.expiresAt <= overview.now }
        guard !dead.isEmpty else { return [.ok("nodes", "\(Wording.plural(overview.nodes.count, "node")) at work")] }
        return dead.map { node in
            .warn(
                "node \(TextWidth.harmless(node.id.name))",
                "is gone since \(Wording.duration(overview.now - node.expiresAt)), holding \(Wording.plural(node.running, "job"))",
                do: "any running server requeues them; start one")
        }
    }

    private func queues(_ overview: Overview) -> [Finding] {
        overview.queues.filter { $0.isPaused && $0.counts.ready > 0 }.map { queue in
            .warn(
                "queue \(TextWidth.harmless(queue.name))", "is paused with \(Wording.plural(queue.counts.ready, "job")) ready",
                do: "'\(Process.invocation) queues resume \(TextWidth.harmless(queue.name))' when it is time")
        }
    }
}
