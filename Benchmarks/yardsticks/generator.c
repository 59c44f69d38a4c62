/* generator OUT --root ROOT [--no-key-check]
 *
 * The yardstick of nswg-systemd-generator(8): reads the same files, checks the keys of each, and writes the same
 * bytes with the fewest system calls. What it writes are the segments of units-few.h and units-many.h, which units-header makes of what
 * our generator writes. It knows only the keys of Benchmarks/configs, and no mistakes: whatever it does not
 * understand ends it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { END, TEXT, NAME, ROOT, SUBNET };
struct segment { enum kind kind; const char *text; size_t length; };
enum output { REGULAR, DIRECTORY, LINK };
/* What is there for each instance. */
struct own { enum output output; const struct segment *path, *text; };
/* What is there once; `each` stands in it once an instance. */
struct shared { enum output output; const struct segment *path, *head, *each, *tail; };
#include "units-few.h"
#include "units-many.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define SUBNETS (1 << 14)

struct instance { char *name; char subnet[20]; };
struct buffer { char *bytes; size_t length, capacity; };

static const char *root;
static bool checks_keys = true;
static bool taken[SUBNETS];

static void add(struct buffer *buffer, const char *text, size_t length)
{
    if (buffer->length + length > buffer->capacity) {
        buffer->capacity = 2 * (buffer->length + length);
        buffer->bytes = realloc(buffer->bytes, buffer->capacity);
        if (!buffer->bytes) err(1, "realloc");
    }
    memcpy(buffer->bytes + buffer->length, text, length);
    buffer->length += length;
}

static void expand(struct buffer *buffer, const struct segment *segment, const struct instance *instance)
{
    for (; segment->kind != END; segment++) {
        const char *text = segment->kind == NAME ? instance->name : segment->kind == ROOT ? root : instance->subnet;
        if (segment->kind == TEXT) add(buffer, segment->text, segment->length);
        else add(buffer, text, strlen(text));
    }
}

/* A path or a link's target, ended with a zero byte. */
static const char *expand_name(struct buffer *buffer, const struct segment *segment, const struct instance *instance)
{
    buffer->length = 0;
    expand(buffer, segment, instance);
    add(buffer, "", 1);
    return buffer->bytes;
}

static void write_file(int out, const char *path, const struct buffer *text)
{
    int file = openat(out, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file < 0 || write(file, text->bytes, text->length) != (ssize_t)text->length || close(file) < 0)
        err(1, "%s", path);
}

static void decode_key(uint8_t key[32], const char *text, size_t length)
{
    size_t decoded;
    if (sodium_base642bin(key, 32, text, length, NULL, &decoded, NULL, sodium_base64_VARIANT_ORIGINAL) < 0 ||
        decoded != 32)
        errx(1, "not a key");
}

/* Reserves the /30 of an address of 10.127.0.0/16. */
static void reserve(const char *text)
{
    unsigned part[4] = {0};
    for (int index = 0; index < 4; index++) {
        char *end;
        part[index] = strtoul(text, &end, 10);
        if (part[index] > 255 || (index < 3 && *end != '.')) errx(1, "not an address: %s", text);
        text = end + 1;
    }
    if (part[0] == 10 && part[1] == 127) taken[part[2] << 6 | part[3] >> 2] = true;
}

/* One file: its lines are KEY=value or comments. */
static void read_instance(const char *text)
{
    static const char *others[] = {
        "WIREGUARD_ENDPOINT", "WIREGUARD_ALLOWED_IPS", "TUNNEL_ENABLE", "WIREGUARD_DNS"};
    uint8_t private_key[32], peer_key[32], public_key[32];
    for (const char *line = text, *end; *line; line = end + 1) {
        end = strchrnul(line, '\n');
        const char *value = memchr(line, '=', end - line);
        if (*line != '#' && line != end) {
            if (!value) errx(1, "no assignment: %s", line);
            size_t length = value++ - line, known = 0;
#define IS(key) (length == sizeof(key) - 1 && !memcmp(line, key, length))
            if (IS("WIREGUARD_PRIVATE_KEY")) decode_key(private_key, value, end - value);
            else if (IS("WIREGUARD_VPN_PUBLIC_KEY")) decode_key(peer_key, value, end - value);
            else if (IS("WIREGUARD_IP_ADDRESSES")) reserve(value);
            else {
                while (known < COUNT(others) &&
                       (strncmp(line, others[known], length) || others[known][length])) known++;
                if (known == COUNT(others)) errx(1, "not known: %s", line);
            }
        }
        if (!*end) break;
    }
    if (!checks_keys) return;
    if (crypto_scalarmult_curve25519_base(public_key, private_key) || !memcmp(public_key, peer_key, 32))
        errx(1, "the peer's key is our own");
    sodium_memzero(private_key, sizeof private_key);
}

/* The first choice is the hash FNV-1a of the name, then the next that is free. */
static void assign_subnet(struct instance *instance)
{
    uint32_t slot = 2166136261;
    for (const char *byte = instance->name; *byte; byte++) slot = (slot ^ (uint8_t)*byte) * 16777619;
    for (slot %= SUBNETS; taken[slot]; slot = (slot + 1) % SUBNETS) ;
    taken[slot] = true;
    snprintf(instance->subnet, sizeof instance->subnet, "10.127.%u.%u/30", slot >> 6, (slot & 63) << 2);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct instance *)left)->name, ((const struct instance *)right)->name);
}

/* The names of the files *.conf, sorted. */
static size_t find_instances(DIR *directory, struct instance **instances)
{
    size_t count = 0, capacity = 0;
    for (struct dirent *entry; (entry = readdir(directory));) {
        size_t length = strlen(entry->d_name);
        if (length < 6 || strcmp(entry->d_name + length - 5, ".conf")) continue;
        if (count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            *instances = realloc(*instances, capacity * sizeof **instances);
            if (!*instances) err(1, "realloc");
        }
        (*instances)[count++].name = strndup(entry->d_name, length - 5);
    }
    if (count) qsort(*instances, count, sizeof **instances, by_name);
    return count;
}

static void read_files(int directory, const struct instance *instances, size_t count)
{
    static char text[65536], path[300];
    for (size_t index = 0; index < count; index++) {
        strcpy(stpcpy(path, instances[index].name), ".conf");
        int file = openat(directory, path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
        if (length < 0) err(1, "%s", path);
        close(file);
        text[length] = 0;
        read_instance(text);
    }
    sodium_memzero(text, sizeof text);
}

static void write_instance(int out, const struct instance *instance, bool many)
{
    static struct buffer path, text;
    size_t outputs = many ? COUNT(many_own_outputs) : COUNT(few_own_outputs);
    for (size_t index = 0; index < outputs; index++) {
        const struct own *own = many ? &many_own_outputs[index] : &few_own_outputs[index];
        const char *name = expand_name(&path, own->path, instance);
        text.length = 0;
        if (own->output == DIRECTORY) {
            if (mkdirat(out, name, 0755) < 0) err(1, "%s", name);
        } else if (own->output == LINK) {
            if (symlinkat(expand_name(&text, own->text, instance), out, name) < 0) err(1, "%s", name);
        } else {
            expand(&text, own->text, instance);
            write_file(out, name, &text);
        }
    }
}

static void write_shared(int out, const struct instance *instances, size_t count)
{
    struct buffer path = {0}, text = {0};
    for (size_t index = 0; index < COUNT(few_shared_outputs); index++) {
        const struct shared *shared = &few_shared_outputs[index];
        const char *name = expand_name(&path, shared->path, NULL);
        if (shared->output == DIRECTORY) {
            if (mkdirat(out, name, 0755) < 0) err(1, "%s", name);
            continue;
        }
        text.length = 0;
        expand(&text, shared->head, NULL);
        for (size_t each = 0; each < count; each++) expand(&text, shared->each, &instances[each]);
        expand(&text, shared->tail, NULL);
        write_file(out, name, &text);
    }
}

int main(int argc, char **argv)
{
    if (argc < 4 || strcmp(argv[2], "--root")) errx(2, "usage: generator OUT --root ROOT [--no-key-check]");
    root = argv[3];
    checks_keys = argc == 4;
    char path[4096];
    snprintf(path, sizeof path, "%s/etc/namespaced-wireguard-vpn.d", root);
    DIR *directory = opendir(path);
    if (!directory) err(1, "%s", path);
    struct instance *instances = NULL;
    size_t count = find_instances(directory, &instances);
    if (!count) return 0;
    read_files(dirfd(directory), instances, count);
    int out = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (out < 0) err(1, "%s", argv[1]);
    for (size_t index = 0; index < count; index++) assign_subnet(&instances[index]);
    for (size_t index = 0; index < count; index++) write_instance(out, &instances[index], count > FEW);
    write_shared(out, instances, count);
    return 0;
}
