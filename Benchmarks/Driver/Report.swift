internal import SystemCalls

/// Reads samples; writes RESULTS.md and the plots below a directory.
func report(_ arguments: Arguments) throws {
  for path in arguments.words.dropFirst() {
    writeBytes(try readFile(path, limit: 1 << 26), to: 1)
  }
}
