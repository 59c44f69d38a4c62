# fault.sh: a stage run by hand with a fault at one of its system calls, and what is left of it then. A case says which:
#   fault_stage (netns, wg or tunnel) fault_instance fault_every (every Nth call) fault_thin (of the dull ones every Nth
#   of those) fault_offset
# shellcheck shell=bash disable=SC2154

fault_program=/usr/lib/namespaced-wireguard-vpn/nswg-stage
fault_said=/run/nswg-test/fault-said
fault_trace=/run/nswg-test/fault-trace
faults_injected=0 faults_survived=0 faults_missed=0

# The errors that calls are likely to meet; others get EIO.
declare -A fault_errors=(
  [openat]=EMFILE [socket]=EMFILE [pidfd_open]=EMFILE [pipe2]=EMFILE [socketpair]=EMFILE [dup]=EMFILE [dup2]=EMFILE
  [mmap]=ENOMEM [mprotect]=ENOMEM [brk]=ENOMEM [newfstatat]=ENOMEM [getdents64]=ENOMEM [fork]=EAGAIN [clone]=EAGAIN
  [clone3]=EAGAIN [vfork]=EAGAIN [write]=ENOSPC [mkdir]=ENOSPC [rename]=ENOSPC [mount]=EPERM [umount2]=EBUSY
  [setns]=EPERM
  [sendto]=ENOBUFS [sendmsg]=ENOBUFS [recvmsg]=ENOBUFS [bind]=EADDRINUSE [connect]=EAGAIN [flock]=ENOLCK [poll]=ENOMEM
)

# fault_run up|down [TRACER...]: the stage, as systemd would start it; what it says goes into a file.
fault_run() {
  local verb=$1
  shift
  local command=("$@" "$fault_program" "$fault_stage" "$verb" "$fault_instance")
  [ "$fault_stage $verb" != "netns up" ] || command=(unshare --net "${command[@]}")
  local began=$SECONDS status
  # The shell says of each command that is killed; that is expected.
  { timeout --signal=KILL 40 "${command[@]}" >"$fault_said" 2>&1; } 2>/dev/null
  status=$?
  [ $((SECONDS - began)) -lt 40 ] || { echo "# $fault_stage $verb hangs"; status=124; }
  return "$status"
}

# fault_calls TRACE: a line for each call: START, LOOK or ACT, its name, and for the how many-th time. START are the
# calls before the first that is about our files: those of the loader and of the libraries. LOOK are those that change
# nothing outside of the process.
fault_calls() {
  awk -F '(' '/"\/(etc|run)\/namespaced-wireguard-vpn/ { started = 1 }
    !/^[a-z0-9_]+\(/ || $1 == "execve" { next }
    {
      look = $1 ~ /^(mmap|munmap|mprotect|brk|read|pread64|newfstatat|fstatfs|getdents64|access|ioctl|fcntl|poll|pselect6)$/ ||
        $1 ~ /^(prctl|prlimit64|futex|getrandom|rt_.*|get.*|setsockopt|recvmsg|close|clock_nanosleep|wait4)$/ ||
        ($1 == "openat" && !/O_CREAT|O_TRUNC/)
      print (!started ? "START" : look ? "LOOK" : "ACT"), $1, ++n[$1]
    }' "$1"
}

# fault_why TEXT...: why a fault was not survived.
fault_why() { printf '%s\n' "$*"; return 1; }

# fault_clean: the machine is as it was. What a stopped process leaves to the kernel may take a moment.
fault_clean() { unchanged "$before" >/dev/null || within 3 unchanged "$before"; }

# fault_in_up INJECTION HEAL: `up` with it, and HEAL, which is `down` or `up`. A stage that fails, and says so, must have
# left nothing by itself, but for the directory of its state where it could not be locked; one that dies, or that
# libnftables ends, may leave what HEAL takes over.
fault_in_up() {
  fault_run up strace -qq -o "$fault_trace" -e "$1"
  local status=$?
  [ "$status" != 124 ] || return
  if [ "$status" -gt 0 ] && [ "$status" -lt 128 ] && grep -q '^nswg-stage: ' "$fault_said"; then
    rmdir "/run/namespaced-wireguard-vpn/$fault_instance" 2>/dev/null
    fault_clean || fault_why "left by up, which failed: $(cat "$fault_said")" || return
  fi
  if [ "$2" = up ]; then
    fault_run up || fault_why "the next up: $(cat "$fault_said")" || return
  fi
  fault_run down || fault_why "down: $(cat "$fault_said")" || return
  fault_clean || fault_why "left after down" || return
  fault_run up || fault_why "up after down: $(cat "$fault_said")" || return
  fault_run down || fault_why "the last down: $(cat "$fault_said")" || return
}

# fault_in_down INJECTION: `down` with it, and `down` again. One that succeeded must have done its work.
fault_in_down() {
  fault_run up || fault_why "up: $(cat "$fault_said")" || return
  if fault_run down strace -qq -o "$fault_trace" -e "$1"; then
    fault_clean || fault_why "left by down, which succeeded" || return
  elif [ $? = 124 ]; then
    return 1
  fi
  fault_run down || fault_why "the next down: $(cat "$fault_said")" || return
  fault_clean || fault_why "left after the next down" || return
}

# fault_one KIND up|down CALL TIME: one fault, counted. KIND is error or kill; kill-up has `up` heal it.
fault_one() {
  local kind=$1 verb=$2 call=$3 time=$4 injection why
  case $kind in
    error) injection=inject=$call:error=${fault_errors[$call]:-EIO}:when=$time ;;
    *) injection=inject=$call:signal=KILL:when=$time ;;
  esac
  case $verb-$kind in
    up-kill-up) why=$(fault_in_up "$injection" up) ;;
    up-*) why=$(fault_in_up "$injection" down) ;;
    *) why=$(fault_in_down "$injection") ;;
  esac
  local status=$?
  if [ "$status" = 0 ] && ! grep -qE 'INJECTED|killed by SIGKILL' "$fault_trace"; then
    faults_missed=$((faults_missed + 1))              # a loop that waits went round less often this time
    return
  fi
  faults_injected=$((faults_injected + 1))
  if [ "$status" = 0 ]; then
    faults_survived=$((faults_survived + 1))
  else
    echo "# not survived: $fault_stage $verb $fault_instance, $injection, $kind"
    head -n 20 <<<"$why" | sed 's/^/#   /'
    fault_run down
    before=$(snapshot)                                # or it would be counted for all that follow
  fi
}

# fault_all up|down: faults at the chosen calls of the stage. Dull are those before the stage itself begins, and kills at
# calls that only look: what is there then is the same as at the next that acts.
fault_all() {
  local verb=$1 kind part call time number=$fault_offset every kinds=(error kill)
  [ "$verb" != down ] || fault_run up
  fault_run "$verb" strace -qq -o "$fault_trace"
  fault_calls "$fault_trace" >"$fault_trace.calls"
  fault_run down
  [ "$verb" = down ] || kinds+=(kill-up)
  for kind in "${kinds[@]}"; do
    while read -r part call time; do
      number=$((number + 1)) every=$fault_every
      case $part-$kind in
        START-* | LOOK-kill*) every=$((fault_every * fault_thin)) ;;
      esac
      [ $((number % every)) != 0 ] || fault_one "$kind" "$verb" "$call" "$time"
    done <"$fault_trace.calls"
  done
}
