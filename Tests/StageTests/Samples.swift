import GeneratorCore
import SystemCalls
import Testing

@testable import Stage

/// Made-up keys: 32 bytes each, as base64.
let privateKeyText = "iHn1Js8DWyiDZNYqxkZpZ6sg2ThjZOZ6dN2bZrPDbl8="
let publicKeyText = "SfIs2jxR3wfSMrMgPsbJcQYfWg1VMk0kIh4SCu0u9SQ="
let presharedKeyText = "0a1ylvZfDlCbmlDRWBEH0pp6E1ufCF0CJ8JM2T0qcz4="

/// The lines of a file that needs nothing else.
let requiredLines = """
  WIREGUARD_PRIVATE_KEY=\(privateKeyText)
  WIREGUARD_VPN_PUBLIC_KEY=\(publicKeyText)
  WIREGUARD_ENDPOINT=192.0.2.1:51820

  """

/// The instance `work` of a file with these further lines, of which so many are worth a warning.
func instance(
  _ lines: String = "WIREGUARD_IP_ADDRESSES=10.64.0.2/32,fd64::2/128", warnings: Int = 0
) throws -> Instance {
  let name = try #require(InstanceName("work"))
  let file = ConfigFile(name: name, path: "/etc/namespaced-wireguard-vpn.d/work.conf")
  let loaded = parseInstance(file, bytes: Array((requiredLines + lines + "\n").utf8))
  #expect(loaded.diagnostics.filter(\.isError).map(\.description) == [])
  #expect(loaded.diagnostics.count == warnings)
  return try #require(loaded.instance)
}

func prefix(_ text: String) throws -> IPPrefix {
  let parts = text.split(separator: "/")
  let address = try #require(IPAddress(parts[0]))
  return try #require(IPPrefix(address, length: Int(parts[1]) ?? -1))
}
