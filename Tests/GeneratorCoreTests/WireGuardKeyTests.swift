import Foundation
import Testing

@testable import GeneratorCore

@Suite struct WireGuardKeyTests {
  private func problem(_ text: String) -> String? {
    do throws(ValueFault) {
      _ = try WireGuardKey(base64: text)
      return nil
    } catch { return error.problem }
  }

  @Test func readsWhatFoundationWrites() throws {
    for first in UInt8.min...UInt8.max {
      let bytes = (0..<32).map { first &+ UInt8($0) &* 7 }
      let text = Data(bytes).base64EncodedString()
      #expect(try WireGuardKey(base64: text).bytes == bytes)
    }
  }

  @Test func refusesTheSamplesKey() {
    #expect(problem(samplePlaceholderKey) == "is the sample's, not a real key")
  }

  /// What people paste in the place of a key, told by its form.
  @Test(arguments: [
    (String(repeating: "A", count: 43), "is a key without its last character, '='"),
    (String(repeating: "0aF9", count: 16), hexadecimal),
    (String(repeating: "A", count: 64), hexadecimal),
    (String(repeating: "g", count: 64), "is not a key: 64 characters long"),
    (String(repeating: "A", count: 63), "is not a key: 63 characters long"),
    ("eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.", "is an access token (JSON Web Token), not a key"),
    (
      "eyJhbGciOiJub25lIn0.eyJzdWIiOiJleGFtcGxlIn0.",
      "is an access token (JSON Web Token), not a key"
    ),
    (String(repeating: "AZ27", count: 13), "is a key in base32, not in base64"),
    (String(repeating: "AZ27", count: 13) + "====", "is a key in base32, not in base64"),
    (String(repeating: "AZ18", count: 13), "is not a key: 52 characters long"),
    (String(repeating: "az27", count: 13), "is not a key: 52 characters long"),
  ])
  func namesOtherKindsOfKeys(text: String, expected: String) {
    #expect(problem(text) == expected)
  }

  private static let hexadecimal =
    "is 64 hexadecimal digits: an access token, as for a provider's website, or a key in"
    + " hexadecimal; it is neither as WireGuard writes it"

  @Test(arguments: [0, 1, 16, 42, 45, 46, 88])
  func refusesOtherLengths(_ count: Int) {
    #expect(
      problem(String(repeating: "A", count: count)) == "is not a key: \(count) characters long")
  }

  /// The middle of the table has `==` for 31 bytes, no `=` for 33, and bits that must be zero.
  @Test(arguments: [
    String(repeating: "A", count: 42) + "==", String(repeating: "A", count: 44),
    String(repeating: "A", count: 42) + "B=", String(repeating: "A", count: 42) + "D=",
    "=" + String(repeating: "A", count: 43), String(repeating: "A", count: 41) + "===",
    String(repeating: "A", count: 20) + "=" + String(repeating: "A", count: 22) + "=",
    String(repeating: "-", count: 43) + "=", String(repeating: "_", count: 43) + "=",
    " " + String(repeating: "A", count: 42) + "=", String(repeating: "A", count: 42) + "\n=",
    String(repeating: "ä", count: 22),
  ])
  func refusesOtherForms(_ text: String) {
    #expect(problem(text) == "is not a key: not base64 of 32 bytes")
  }

  @Test func refusesTheZeroKey() {
    #expect(
      problem(String(repeating: "A", count: 43) + "=") == "is all zero, which means no key")
    #expect(problem(String(repeating: "A", count: 42) + "E=") == nil)
  }

  @Test func presharedKeysMayBeNone() throws {
    #expect(try parsePresharedKey("-") == nil)
    #expect(try parsePresharedKey("") == nil)
    #expect(try parsePresharedKey(TestKeys.presharedKey)?.bytes.count == 32)
    #expect(throws: ValueFault.self) { try parsePresharedKey("--") }
  }
}

/// What the sample files have instead of a key.
let samplePlaceholderKey = "abcdFAKEefghFAKEijklFAKEmnopFAKEqrstFAKEuvw="
