internal import Netlink
internal import SystemCalls

extension KernelExecutor {
  /// Undoes one creation; what is gone already, or is another's by now, is left as it is.
  ///
  /// Our group or `mark` tells a link that was recorded before its index was known from one that
  /// somebody else made under the same name.
  func undo(_ creation: Creation, mark: String) throws(StageError) {
    guard case .link(let side, let name, let index) = creation else {
      return try undoOutsideNamespaces(creation)
    }
    guard let link = try link(name, side) else { return }
    let isOurs = index.map { $0 == link.index } ?? (link.group == linkGroup || link.alias == mark)
    if isOurs { try delete(link, side) }
  }
}

/// Undoes what needs no open namespace.
func undoOutsideNamespaces(_ creation: Creation) throws(StageError) {
  switch creation {
  case .link: break
  case .directory(let path): try system(try removeDirectoryIfEmpty(path))
  case .file(let path): try system(try removeMarkedFile(path))
  case .filterTable(let name): try FilterTable.remove(name)
  case .forwarding(let interface, let user):
    try system(try InterfaceForwarding(interface, user: user).release())
  case .process(let process): try system(try process.stop())
  case .namespaceName(let path, let identity):
    let name = NamedNamespace(path: path)
    switch try system(try name.occupant()) {
    case .nothing: break
    // Ours as far as we got: had it been there before, `up` would have refused.
    case .plainFile: try system(try name.unbind())
    case .namespace(let found):
      if found == identity { try system(try name.unbind()) }
    }
  }
}

/// Removes a file that still begins with our mark; another is the user's by now.
private func removeMarkedFile(_ path: String) throws(SystemError) {
  try removeFile(path + ".new")
  guard let bytes = try readExisting(path) else { return }
  if bytes.starts(with: ResolverOverlay.mark.utf8) { try removeFile(path) }
}
