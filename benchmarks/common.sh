# What the scripts of this folder share; sourced by them.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
harness=$root/benchmarks/harness/target/nereid-benchmarks-harness.jar
home=$root/server/target/nereid

fail() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit 1
}

# need FILE-OR-PROGRAM PACKAGE ...: says which Debian packages are missing, or installs them if $install is set.
need() {
  local packages=()
  while [ $# -gt 0 ]; do
    [ -e "$1" ] || command -v "$1" > /dev/null || packages+=("$2")
    shift 2
  done
  [ ${#packages[@]} -gt 0 ] || return 0
  if [ -z "${install:-}" ]; then
    fail "missing: ${packages[*]}. Install with: apt-get install --no-install-recommends ${packages[*]} (or pass --install)"
  fi
  apt-get update -q >&2 && apt-get install -qy --no-install-recommends "${packages[@]}" >&2
}

# Builds what is missing or out of date, and finds the JDK that Nereid runs on.
build() {
  "$root/nereid" --version > /dev/null
  if [ ! -f "$harness" ] || [ ! -f "$root/benchmarks/jmh/target/nereid-benchmarks.jar" ]; then
    (cd "$root" && mvn -q -B -ntp -DskipTests package < /dev/null >&2) || fail "the build failed"
  fi
  local candidate
  for candidate in "${NEREID_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    if [ -n "$candidate" ] && grep -qs '^JAVA_VERSION="25' "$candidate/release"; then
      java=$candidate/bin/java
      return
    fi
  done
  fail "no JDK 25 found; set NEREID_JAVA_HOME"
}

# Runs a class of the harness with the libraries of the distribution.
harness() {
  "$java" --enable-native-access=ALL-UNNAMED -Duser.language=en -Xmx1g \
    -cp "$harness:$home/lib/*:$home/backends/onnxruntime/*" "$@"
}
