/// One `KEY=value` of either form, the value as the form's own program would see it.
package struct Assignment: Equatable, Sendable {
  /// As the file has it.
  package let key: String
  package let value: String
  package let keyLocation: SourceLocation
  package let valueLocation: SourceLocation
}
