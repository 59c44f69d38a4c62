internal import GeneratorCore
internal import Glibc
internal import Stage
internal import SystemCalls

/// Makes a plan of the files as they are now, by the generator's own code.
struct PlanReader {
  private let observer = Observer()

  func read() throws(CommandFailure) -> (plan: ReloadPlan, diagnostics: [Diagnostic]) {
    let result = Generator(paths: Installation.paths).plan()
    // Without the files every unit would seem to go.
    if geteuid() != 0, let denied = result.diagnostics.first(where: \.isError) {
      throw CommandFailure("\(denied); try again as root")
    }
    let loaded = try system(try LoadedUnits(directory: LoadedUnits.directory))
    let files = checkFiles(ConfigDirectories().findAll().files.map(\.path))
    let effects = observer.recordedNames().compactMap { name in
      effect(on: name, files.first { $0.name == name })
    }
    return (
      ReloadPlan(units: ReloadPlan.compare(loaded, result.plan), effects: effects),
      result.diagnostics
    )
  }

  /// Nil when nothing becomes of it.
  private func effect(on name: InstanceName, _ file: LoadedInstance?) -> ReloadPlan.Effect? {
    guard let file else {
      return ReloadPlan.Effect(
        name: name.text,
        note: "runs on without a file; it can only be stopped: systemctl stop \(name.target)")
    }
    guard let instance = file.instance else {
      return ReloadPlan.Effect(
        name: name.text, note: "runs on; its file has a fault, so it cannot be started again")
    }
    do throws(StageError) {
      guard let preview = try observer.previewReload(instance) else { return nil }
      guard !preview.changes.isEmpty || !preview.refused.isEmpty else { return nil }
      return ReloadPlan.Effect(
        name: name.text,
        reload: preview.changes.isEmpty
          ? nil : ReloadPlan.Reload(unit: name.service(.wg), changes: preview.changes),
        restart: preview.refused)
    } catch {
      return ReloadPlan.Effect(name: name.text, note: "cannot be compared: \(error)")
    }
  }
}
