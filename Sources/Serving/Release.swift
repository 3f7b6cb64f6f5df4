/// Which release this is.
public enum Release {
  /// Major, minor, patch. The command, the library, the service and the Python package share it.
  public static let version = "0.6.0"
}
