import MartletCore
import Testing

@testable import Outbound

@Suite struct AddressGuardTests {
    @Test(arguments: [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1",
        "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:c0a8:101::", "2001:0:1234::1", "2001:db8::1", "3fff::1", "::8.8.8.8",
        "::ffff:0:8.8.8.8", "64:ff9b:1::1", "fec0::1", "100::1",
    ])
    func `an address that is not globally reachable is refused`(text: String) throws {
        #expect(!AddressGuard().permits(try #require(IPAddress(text))))
    }

    @Test(arguments: ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"])
    func `a global address is permitted`(text: String) throws {
        #expect(AddressGuard().permits(try #require(IPAddress(text))))
    }

    @Test func `the operator's own networks are permitted and nothing beside them`() throws {
        let guardian = AddressGuard(allowing: [try #require(Network("10.1.0.0/16")), try #require(Network("fd00:1::/32"))])
        for text in ["10.1.255.1", "fd00:1::5", "::ffff:10.1.0.1"] { #expect(guardian.permits(try #require(IPAddress(text)))) }
        for text in ["10.2.0.1", "fd00:2::5", "127.0.0.1", "::ffff:10.2.0.1"] { #expect(!guardian.permits(try #require(IPAddress(text)))) }
    }

    @Test(arguments: ["127.1", "0x7f.0.0.1", "2130706433", "0177.0.0.1", "127.0.0.1 ", "fe80::1%eth0", "", "1.2.3.4.5", "::g"])
    func `other spellings are no addresses`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: ["10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "::/129", "x/8", "10.0.0.0/8/8", "10.0.0.0/+8"])
    func `a block that cannot be read is none`(text: String) {
        #expect(Network(text) == nil)
    }

    @Test func `a block holds what begins like it`() throws {
        let network = try #require(Network("172.16.0.0/12"))
        #expect(network.contains(try #require(IPAddress("172.31.255.255"))))
        #expect(!network.contains(try #require(IPAddress("172.32.0.0"))))
        #expect(try #require(Network("0.0.0.0/0")).contains(try #require(IPAddress("9.9.9.9"))))
        #expect(!(try #require(Network("0.0.0.0/0")).contains(try #require(IPAddress("::1")))))
    }
}
