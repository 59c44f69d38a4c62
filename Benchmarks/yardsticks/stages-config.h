// The file of a VPN, as far as the benchmarks use it: KEY=VALUE without quotes, every key there,
// the endpoint an IPv4 address.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct prefix {
    int family;
    int length;
    unsigned char address[16];
};

struct prefixes {
    int count;
    struct prefix prefix[8];
};

struct config {
    char text[8192];
    const char *name, *space, *wireguard, *tunnel_host, *tunnel_inside, *endpoint_text, *server;
    const char *host_text, *inside_text;
    unsigned char private_key[32], public_key[32], preshared_key[32];
    struct sockaddr_in endpoint;
    uint32_t mtu;
    struct prefixes allowed, addresses, host_addresses, inside_addresses;
};

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "stages: %s: %s\n", what, strerror(errno));
    exit(1);
}

static long check(long result, const char *what) {
    if (result < 0) fail(what);
    return result;
}

static size_t prefix_size(const struct prefix *prefix) { return prefix->family == AF_INET ? 4 : 16; }

// Returns the text as it was.
static const char *read_prefixes(struct prefixes *prefixes, char *text) {
    char *rest, *whole = strdup(text);
    for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        struct prefix *prefix = &prefixes->prefix[prefixes->count++];
        char *slash = strchr(word, '/');
        *slash = 0;
        prefix->family = strchr(word, ':') ? AF_INET6 : AF_INET;
        prefix->length = atoi(slash + 1);
        inet_pton(prefix->family, word, prefix->address);
    }
    return whole;
}

static void read_key(unsigned char *key, const char *text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0;
    int count = 0, length = 0;
    for (; *text && *text != '='; text++) {
        bits = bits << 6 | (unsigned)(strchr(digits, *text) - digits);
        if ((count += 6) >= 8 && length < 32) key[length++] = bits >> (count -= 8);
    }
}

// Reads at most `size` - 1 bytes; returns how many, and 0 when there is no such file.
static size_t read_text(const char *path, char *text, size_t size) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return text[0] = 0;
    size_t count = check(read(file, text, size - 1), path);
    text[count] = 0;
    close(file);
    return count;
}

static void take_setting(struct config *config, const char *key, char *value) {
    if (!strcmp(key, "NETNS_NAME")) config->space = value;
    else if (!strcmp(key, "WIREGUARD_NAME")) config->wireguard = value;
    else if (!strcmp(key, "WIREGUARD_PRIVATE_KEY")) read_key(config->private_key, value);
    else if (!strcmp(key, "WIREGUARD_VPN_PUBLIC_KEY")) read_key(config->public_key, value);
    else if (!strcmp(key, "WIREGUARD_VPN_PRESHARED_KEY")) read_key(config->preshared_key, value);
    else if (!strcmp(key, "WIREGUARD_ALLOWED_IPS")) read_prefixes(&config->allowed, value);
    else if (!strcmp(key, "WIREGUARD_IP_ADDRESSES")) read_prefixes(&config->addresses, value);
    else if (!strcmp(key, "WIREGUARD_INITIAL_MTU")) config->mtu = atoi(value);
    else if (!strcmp(key, "WIREGUARD_ENDPOINT")) config->endpoint_text = value;
    else if (!strcmp(key, "WIREGUARD_DNS")) config->server = value;
    else if (!strcmp(key, "TUNNEL_INIT_NAME")) config->tunnel_host = value;
    else if (!strcmp(key, "TUNNEL_VPN_NAME")) config->tunnel_inside = value;
    else if (!strcmp(key, "TUNNEL_INIT_IP_ADDRESSES"))
        config->host_text = read_prefixes(&config->host_addresses, value);
    else if (!strcmp(key, "TUNNEL_VPN_IP_ADDRESSES"))
        config->inside_text = read_prefixes(&config->inside_addresses, value);
}

static void read_config(struct config *config, const char *name) {
    char path[256], *rest;
    snprintf(path, sizeof path, "/etc/namespaced-wireguard-vpn.d/%s.conf", name);
    config->name = name;
    if (!read_text(path, config->text, sizeof config->text)) fail(path);
    for (char *line = strtok_r(config->text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *equals = strchr(line, '=');
        if (!equals) continue;
        *equals = 0;
        take_setting(config, line, equals + 1);
    }
    char host[64];
    const char *colon = strrchr(config->endpoint_text, ':');
    snprintf(host, sizeof host, "%.*s", (int)(colon - config->endpoint_text), config->endpoint_text);
    config->endpoint.sin_family = AF_INET;
    config->endpoint.sin_port = htons(atoi(colon + 1));
    inet_pton(AF_INET, host, &config->endpoint.sin_addr);
}
