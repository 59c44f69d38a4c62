// run-stages up|down STAGE[,STAGE]... NAME PROGRAM: PROGRAM STAGE up|down NAME for each stage, one after
// the other, down in the opposite order. netns up gets a namespace of its own, as with PrivateNetwork=yes
// from systemd. It is static: what it takes is the same for all, and little.
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int run(char *program, char *stage, char *direction, char *name) {
    char *arguments[] = {program, stage, direction, name, NULL};
    int status, is_new = !strcmp(stage, "netns") && !strcmp(direction, "up");
    pid_t process = vfork();
    if (process == 0) {
        if (is_new && unshare(CLONE_NEWNET)) _exit(126);
        execv(program, arguments);
        _exit(127);
    }
    return process > 0 && waitpid(process, &status, 0) == process ? status : -1;
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    char *stages[3], *rest = argv[2];
    int count = 0, is_down = !strcmp(argv[1], "down");
    while (rest && count < 3) stages[count++] = strsep(&rest, ",");
    for (int i = 0; i < count; i++)
        if (run(argv[4], stages[is_down ? count - 1 - i : i], argv[1], argv[3])) return 1;
    return 0;
}
