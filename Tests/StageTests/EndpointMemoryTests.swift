import GeneratorCore
import Glibc
import SystemCalls
import Testing

@testable import Stage

/// What is remembered of endpoints, in a /var/cache below a directory of its own.
@Suite struct EndpointMemoryTests {
  private static func withMemory(_ body: (EndpointMemory, String) throws -> Void) throws {
    var template = Array("/tmp/nswg-memory-XXXXXX".utf8CString)
    let made = unsafe mkdtemp(&template)
    try #require(unsafe made != nil)
    let root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    let name = try #require(InstanceName("work"))
    let directory = "\(root)/var/cache/namespaced-wireguard-vpn/work"
    try body(EndpointMemory(name, root: root), "\(directory)/endpoints")
    try? removeFile("\(directory)/endpoints")
    var path = directory
    while path.utf8.count >= root.utf8.count, let slash = path.lastIndex(of: "/") {
      try removeDirectoryIfEmpty(path)
      path = String(path[..<slash])
    }
  }

  private static func address(_ text: String) throws -> SocketAddress {
    try #require(SocketAddress(parsing: text))
  }

  @Test func whatIsKeptIsRecalled() throws {
    try Self.withMemory { memory, path in
      let one = try Endpoint(parsing: "one.example.org:51820")
      let six = try Endpoint(parsing: "six.example.org:51820")
      #expect(memory.recall()[one.description] == nil)
      try memory.keep([(one, try Self.address("192.0.2.1:51820"))])
      try memory.keep([(six, try Self.address("[2001:db8::1]:51820"))])
      try memory.keep([(one, try Self.address("192.0.2.9:51820"))])
      #expect(try memory.recall()[one.description] == Self.address("192.0.2.9:51820"))
      #expect(try memory.recall()[six.description] == Self.address("[2001:db8::1]:51820"))
      #expect(
        String(decoding: try readFile(path, limit: 1000), as: UTF8.self) == """
          one.example.org:51820 192.0.2.9:51820
          six.example.org:51820 [2001:db8::1]:51820

          """)
    }
  }

  @Test func whatCannotBeReadIsNothing() throws {
    try Self.withMemory { memory, path in
      let one = try Endpoint(parsing: "one.example.org:51820")
      try memory.keep([(one, try Self.address("192.0.2.1:51820"))])
      try replaceFile(
        path, with: Array("one.example.org:51820\n\u{0} x\none.example.org:51820 y:1\n".utf8),
        mode: 0o600)
      #expect(memory.recall()[one.description] == nil)
    }
  }
}
