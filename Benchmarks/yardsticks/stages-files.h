// What the stages write: records, settings below /proc/sys, the resolver's files.
#pragma once

#include <sys/file.h>

#include "stages-config.h"

static char state_path[128];

static char *in_state(const char *name) {
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", state_path, name);
    return path;
}

static void write_file(const char *path, const char *text, size_t length) {
    int file = check(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), path);
    check(write(file, text, length), path);
    close(file);
}

// A record is never half there.
static void write_record(const char *stage, const char *text) {
    char temporary[256];
    snprintf(temporary, sizeof temporary, "%s/%s.new", state_path, stage);
    write_file(temporary, text, strlen(text));
    check(rename(temporary, in_state(stage)), "rename");
}

static void lock_state(const char *name) {
    snprintf(state_path, sizeof state_path, "/run/namespaced-wireguard-vpn/%s", name);
    if (mkdir(state_path, 0755) && errno == ENOENT) {
        mkdir("/run/namespaced-wireguard-vpn", 0755);
        check(mkdir(state_path, 0755), "mkdir");
    }
    int directory = check(open(state_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), state_path);
    check(flock(directory, LOCK_EX), "flock");
}

static void write_setting(const char *path, char value) {
    int file = check(open(path, O_WRONLY | O_CLOEXEC), path);
    check(write(file, &value, 1), path);
    close(file);
}

// The host's nsswitch.conf(5), where names are resolved by files and DNS alone.
static size_t make_switch(char *text, size_t size) {
    char host[4096], *rest = host, *line;
    size_t length = 0;
    read_text("/etc/nsswitch.conf", host, sizeof host);
    while ((line = strsep(&rest, "\n")) && (rest || *line)) {
        if (strncmp(line, "hosts:", 6)) {
            length += snprintf(text + length, size - length, "%s\n", line);
            continue;
        }
        char *word, *words = line + 6;
        int dropped = 0;
        length += snprintf(text + length, size - length, "hosts:");
        while ((word = strsep(&words, " \t"))) {
            if (!*word) continue;
            if (*word != '[')
                dropped = !strcmp(word, "resolve") || !strcmp(word, "wins") || !strncmp(word, "mdns", 4);
            if (!dropped) length += snprintf(text + length, size - length, " %s", word);
        }
        length += snprintf(text + length, size - length, "\n");
    }
    return length;
}

static void write_resolver_files(const struct config *config) {
    char overlay[128], path[256], text[8192];
    snprintf(overlay, sizeof overlay, "/etc/netns/%s", config->space);
    check(mkdir(in_state("resolver"), 0755), "mkdir");
    mkdir("/etc/netns", 0755);
    check(mkdir(overlay, 0755), overlay);
    int heading = snprintf(text, sizeof text,
        "# Written by namespaced-wireguard-vpn for the VPN %s, and removed when that stops.\n", config->name);
    int length = heading + snprintf(text + heading, sizeof text - heading, "nameserver %s\n", config->server);
    write_file(in_state("resolver/resolv.conf"), text, length);
    write_file(in_state("resolver/stub-resolv.conf"), text, length);
    snprintf(path, sizeof path, "%s/resolv.conf", overlay);
    write_file(path, text, length);
    length = heading + make_switch(text + heading, sizeof text - heading);
    write_file(in_state("nsswitch.conf"), text, length);
    snprintf(path, sizeof path, "%s/nsswitch.conf", overlay);
    write_file(path, text, length);
}

static void remove_files(const char *space) {
    char path[128];
    static const char *const ours[] = {"nsswitch.conf", "resolver/resolv.conf", "resolver/stub-resolv.conf"};
    for (int i = 0; i < 3; i++) unlink(in_state(ours[i]));
    static const char *const theirs[] = {"nsswitch.conf", "resolv.conf"};
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "/etc/netns/%s/%s", space, theirs[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "/etc/netns/%s", space);
    rmdir(path);
    rmdir("/etc/netns");
    rmdir(in_state("resolver"));
}
