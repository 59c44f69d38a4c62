extension ValidationRows {
  private static func empty(
    _ place: String, _ key: String, _ value: String = "''", after line: String? = nil
  ) -> ValidationRow {
    let message =
      "error \(place): \(key)=: \(value) is empty, which wg refuses, too; allowed: a value, or no"
      + " such line"
    return line.map { ValidationRow($0, "10.64.0.2\n\(key) = ", message) }
      ?? ValidationRow(key, "# none", message)
  }

  /// wg knows no key of its own without a value; wg-quick takes it for none.
  static let empty: [ValidationRow] =
    [
      empty("2:13", "PrivateKey", "the value"), empty("6:12", "PublicKey", "the value"),
      empty("7:11", "Endpoint"), empty("8:13", "AllowedIPs"),
      empty("4:13", "ListenPort", after: "Address"), empty("4:9", "FwMark", after: "Address"),
      ValidationRow(
        "Endpoint", "192.0.2.1:1\nPresharedKey =\t\u{b}\nPersistentKeepalive=#25",
        "error 8:16: PresharedKey=: the value is empty, which wg refuses, too; allowed: a value, or no"
          + " such line",
        "error 9:21: PersistentKeepalive=: '' is empty, which wg refuses, too; allowed: a value, or no"
          + " such line"),
      ValidationRow("Address", "10.64.0.2\nMTU =\nDNS ="),
    ]
    + [("10.0.0.0/8, , 11.0.0.0/8", 26), (", 10.0.0.0/8", 14), ("10.0.0.0/8 ,", 26), (",", 14)].map
  {
    value, column in
    ValidationRow(
      "AllowedIPs", value,
      "error 8:\(column): AllowedIPs=: '' is no item, and wg refuses it, too; allowed: one comma"
        + " between two items")
  }
}
