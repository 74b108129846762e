import MartletCore
import Testing

@testable import RedisStore

@Suite struct RedisURLTests {
    @Test func `one server`() throws {
        #expect(try RedisURL("redis://localhost").topology == .single(RedisEndpoint(host: "localhost", port: 6379)))
        let full = try RedisURL("rediss://us%65r:p%40ss@[::1]:7000/3?timeout=2.5&connect_timeout=1&name=martlet&ca=ca.pem&server_name=redis.example")
        #expect(full.topology == .single(RedisEndpoint(host: "::1", port: 7000)))
        #expect(full.credentials == RedisCredentials(user: "user", password: "p@ss"))
        #expect(full.database == 3 && full.timeout == .milliseconds(2500) && full.connectTimeout == .seconds(1) && full.clientName == "martlet")
        #expect(full.security == RedisSecurity(authorities: "ca.pem", serverName: "redis.example"))
        #expect(try RedisURL("redis://:only@h/").credentials == RedisCredentials(user: nil, password: "only"))
        #expect(try RedisURL("redis://p@ss@h").credentials == RedisCredentials(user: nil, password: "p@ss"))
        #expect(try RedisURL("redis://h?db=4").database == 4)
        #expect(try RedisURL("rediss://h?insecure").security == RedisSecurity(isVerified: false))
        #expect(try RedisURL("redis://h").security == nil)
    }

    @Test func `sentinels and clusters`() throws {
        let hosts = [RedisEndpoint(host: "a", port: 26_379), RedisEndpoint(host: "b", port: 5)]
        #expect(try RedisURL("redis+sentinel://a,b:5/mymaster/2").topology == .sentinel(hosts, master: "mymaster"))
        #expect(try RedisURL("redis+sentinel://a,b:5/mymaster/2").database == 2)
        #expect(try RedisURL("redis://a,b:5/2?sentinel=mymaster").topology == .sentinel(hosts, master: "mymaster"))
        #expect(
            try RedisURL("redis+sentinel://a/m?sentinel_password=x&sentinel_user=y").sentinelCredentials == RedisCredentials(user: "y", password: "x")
        )
        #expect(
            try RedisURL("rediss+cluster://a,b:5").topology == .cluster([RedisEndpoint(host: "a", port: 6379), RedisEndpoint(host: "b", port: 5)]))
    }

    @Test(arguments: [
        ("localhost:6379", "scheme"), ("http://h", "scheme"), ("redis+magic://h", "scheme"), ("redis://", "host"), ("redis://h:0", "port"),
        ("redis://h:x", "port"), ("redis://::1", "host"), ("redis://a:1:2", "port"), ("redis://[::1", "host"), ("redis://h/x", "database"),
        ("redis://h/1/2", "path"), ("redis://h/-1", "database"), ("redis://a,b", "host"), ("redis+cluster://a/1", "database"),
        ("redis+sentinel://a", "path"), ("redis://h?wrong=1", "option"), ("redis://h?timeout=0", "timeout"), ("redis://h?timeout=x", "timeout"),
        ("redis://h?db=1&db=2", "twice"), ("redis://h?ca=x", "rediss"), ("rediss://h?cert=x", "belong"), ("rediss://h?insecure=maybe", "insecure"),
        ("redis://h?name=a b", "name"), ("redis://h?name=", "name"), ("redis://u:%zz@h", "password"), ("redis://h?sentinel_user=x", "sentinel_user"),
    ])
    func `what is wrong is named`(text: String, word: String) {
        do throws(RedisURLError) {
            _ = try RedisURL(text)
            Issue.record("\(text) was accepted")
        } catch {
            #expect(error.description.contains(word), "\(text): \(error)")
        }
    }

    @Test(arguments: [
        "redis://u:hunter2@", "redis://:hunter2@h:x", "redis://:hunter2/y@h", "redis://u:hunter2?x@h", "redis://u:%hunter2@h",
        "redis://u:hunter2#@h:p",
        "redis://h?password=hunter2", "redis://h?sentinel_password=hunter2&hunter2=1", "hunter2", "hunter2://h", "redis://u:hunter2@h/hunter2",
    ])
    func `no error shows a password`(text: String) {
        #expect { try RedisURL(text) } throws: { !"\($0)".contains("hunter2") && !String(reflecting: $0).contains("hunter2") }
    }

    @Test func `an address is shown without its secrets`() throws {
        let url = try RedisURL("redis+sentinel://user:hunter2@a,b:5/mymaster/2?sentinel_password=hunter2")
        #expect("\(url)" == "redis+sentinel://a:26379,b:5/mymaster/2")
        #expect("\(url.credentials as Any)\(String(reflecting: url.credentials))\(String(reflecting: url))".contains("hunter2") == false)
        var dumped = ""
        dump(url, to: &dumped)
        #expect(!dumped.contains("hunter2"))
    }
}
