extension Collection where Element == String {
  /// The first ones, and how many more there are: of a longer `STATUS=` than 4 KiB systemd takes
  /// nothing (`NOTIFY_BUFFER_MAX`), and people read no list of thousands.
  func abridged(separator: String = ", ") -> String {
    let limit = 8
    let rest = count > limit ? " and \(count - limit) more" : ""
    return prefix(limit).joined(separator: separator) + rest
  }
}
