# counters.sh: what ./run and ./stages count with; needs $work, a directory to write to.
# shellcheck shell=bash disable=SC2154

# What comes before valgrind and strace, and is not counted.
before=()

# instructions COMMAND...: prints how many the process itself takes.
instructions() {
  "${before[@]}" valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$work/valgrind" "$@" >"$work/said" 2>&1 &&
    sed -n 's/,//g; s/^==[0-9]*== I *refs: *//p' "$work/valgrind"
}

# calls COMMAND...: prints how many system calls the process itself makes.
calls() {
  "${before[@]}" strace -qq -o "$work/trace" "$@" >"$work/said" 2>&1 && wc -l <"$work/trace"
}

# measured WHAT METRIC VALUE: a line for the comparison; no VALUE is one that could not be had.
measured() { echo "$1 $2 ${3:-failed}"; }
