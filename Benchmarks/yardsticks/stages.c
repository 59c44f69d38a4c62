// stages netns|wg|tunnel up|down NAME: what nswg-stage does to the kernel and to files, with the fewest
// system calls. It trusts its configuration, looks for nothing that could be in the way, and undoes
// nothing after a failure: it is the limit, not a program to use.
//
// netns up runs, as our stage does, in the namespace that it is to name.
#define _GNU_SOURCE
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "stages-files.h"
#include "stages-table.h"

static void tell_systemd(const char *text) {
    const char *path = getenv("NOTIFY_SOCKET");
    if (!path) return;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    if (*path == '@') address.sun_path[0] = 0;
    char message[512];
    int length = snprintf(message, sizeof message, "STATUS=%s\n", text);
    int fd = check(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
    sendto(fd, message, length, MSG_NOSIGNAL, (struct sockaddr *)&address,
           offsetof(struct sockaddr_un, sun_path) + strlen(path) + (*path == '/'));
    close(fd);
}

static void say(const char *text) {
    tell_systemd(text);
    dprintf(2, "stages: %s\n", text);
}

static void netns_up(const struct config *config) {
    char space[128], record[2048];
    struct stat own;
    snprintf(space, sizeof space, "/run/netns/%s", config->space);
    check(stat("/proc/self/ns/net", &own), "stat");
    write_setting("/proc/sys/net/ipv4/ip_forward", '0');
    write_setting("/proc/sys/net/ipv6/conf/all/forwarding", '0');
    write_setting("/proc/sys/net/ipv6/conf/all/accept_ra", '0');
    write_setting("/proc/sys/net/ipv6/conf/default/accept_ra", '0');
    write_setting("/proc/sys/net/ipv6/conf/default/autoconf", '0');
    write_setting("/proc/sys/net/ipv6/conf/default/addr_gen_mode", '1');
    struct batch batch;
    batch_open(&batch, NETLINK_ROUTE);
    const struct prefix everything4 = {.family = AF_INET}, everything6 = {.family = AF_INET6};
    put_up(&batch, 1);                          // lo, in every namespace
    put_route(&batch, &everything4, 0);
    put_route(&batch, &everything6, 0);
    batch_do(&batch);
    load_table(config);
    snprintf(record, sizeof record,
        "setting NETNS_NAME %s\nsetting ATTACH_UNITS -\nsetting ATTACH_DBUS no\nsetting PUBLISH -\n"
        "directory %s/resolver\ndirectory /etc/netns\ndirectory /etc/netns/%s\n"
        "file %s/resolver/resolv.conf\nfile %s/resolver/stub-resolv.conf\nfile %s/nsswitch.conf\n"
        "file /etc/netns/%s/resolv.conf\nfile /etc/netns/%s/nsswitch.conf\nnamespace %s %lu %lu\n",
        config->space, state_path, config->space, state_path, state_path, state_path, config->space,
        config->space, space, own.st_dev, own.st_ino);
    write_record("netns", record);
    write_resolver_files(config);
    // As ip-netns(8): a shared mount, so that what is bound below is seen everywhere.
    mkdir("/run/netns", 0755);
    if (mount("", "/run/netns", "none", MS_SHARED | MS_REC, NULL)) {
        check(mount("/run/netns", "/run/netns", "none", MS_BIND | MS_REC, NULL), "bind");
        check(mount("", "/run/netns", "none", MS_SHARED | MS_REC, NULL), "share");
    }
    close(check(open(space, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444), space));
    check(mount("/proc/self/ns/net", space, "none", MS_BIND, NULL), "bind");
    say("the namespace is up");
}

static void netns_down(void) {
    char record[4096], name[64] = "", path[128];
    read_text(in_state("netns"), record, sizeof record);
    char *line = strstr(record, "\nnamespace ");
    if (!line || sscanf(line, " namespace /run/netns/%63s", name) != 1) exit(1);
    snprintf(path, sizeof path, "/run/netns/%s", name);
    check(umount2(path, MNT_DETACH), path);
    check(unlink(path), path);
    remove_files(name);
    check(unlink(in_state("netns")), "unlink");
    rmdir(state_path);
    say("the namespace is down");
}

// Opens the namespace, and says which one it is.
static int open_space(const char *name, char *path, size_t size, struct stat *status) {
    snprintf(path, size, "/run/netns/%s", name);
    int space = check(open(path, O_RDONLY | O_CLOEXEC), path);
    check(fstat(space, status), path);
    return space;
}

static void wg_up(const struct config *config) {
    char path[128], record[2048], key[65], alias[128];
    struct stat status;
    struct batch host, generic, inside;
    int space = open_space(config->space, path, sizeof path, &status);
    for (int i = 0; i < 32; i++) sprintf(key + 2 * i, "%02x", config->public_key[i]);
    int length = snprintf(record, sizeof record,
        "within %s %lu %lu\nsetting WIREGUARD_NAME %s\nsetting WIREGUARD_PRIVATE_KEY_CREDENTIAL -\n"
        "setting WIREGUARD_USERSPACE wireguard-go\nendpoint %s %s 0\nlink inside %s ",
        path, status.st_dev, status.st_ino, config->wireguard, key, config->endpoint_text, config->wireguard);
    strcpy(record + length, "-\n");
    write_record("wg", record);
    // The UDP socket is in the namespace of the request, the link in the other.
    batch_open(&host, NETLINK_ROUTE);
    put_wireguard_link(&host, config->wireguard, config->mtu, space);
    batch_do(&host);
    check(setns(space, CLONE_NEWNET), "setns");
    batch_open(&inside, NETLINK_ROUTE);
    uint32_t index = link_index(&inside, config->wireguard);
    snprintf(record + length, sizeof record - length, "%u\n", index);
    write_record("wg", record);
    batch_open(&generic, NETLINK_GENERIC);
    put_device(&generic, wireguard_family(&generic), config);
    batch_do(&generic);
    snprintf(alias, sizeof alias, "namespaced-wireguard-vpn %s", config->name);
    put_alias(&inside, index, alias);
    for (int i = 0; i < config->addresses.count; i++)
        put_address(&inside, &config->addresses.prefix[i], index);
    put_up(&inside, index);
    for (int i = 0; i < config->allowed.count; i++)
        put_route(&inside, &config->allowed.prefix[i], index);
    batch_do(&inside);
    say("the interface is up");
}

static void tunnel_up(const struct config *config) {
    char path[128], record[2048], alias[128];
    struct stat status;
    struct batch host, inside;
    int space = open_space(config->space, path, sizeof path, &status);
    int length = snprintf(record, sizeof record,
        "within %s %lu %lu\nsetting TUNNEL_INIT_NAME %s\nsetting TUNNEL_VPN_NAME %s\n"
        "setting TUNNEL_INIT_IP_ADDRESSES %s\nsetting TUNNEL_VPN_IP_ADDRESSES %s\n"
        "setting TUNNEL_PORT_FORWARDS -\n", path, status.st_dev, status.st_ino, config->tunnel_host,
        config->tunnel_inside, config->host_text, config->inside_text);
    length += snprintf(record + length, sizeof record - length, "link host %s ", config->tunnel_host);
    strcpy(record + length, "-\n");
    write_record("tunnel", record);
    batch_open(&host, NETLINK_ROUTE);
    put_veth(&host, config->tunnel_host, config->tunnel_inside, space);
    batch_do(&host);
    uint32_t index = link_index(&host, config->tunnel_host);
    snprintf(record + length, sizeof record - length, "%u\n", index);
    write_record("tunnel", record);
    snprintf(alias, sizeof alias, "namespaced-wireguard-vpn %s", config->name);
    put_alias(&host, index, alias);
    for (int i = 0; i < config->host_addresses.count; i++)
        put_address(&host, &config->host_addresses.prefix[i], index);
    put_up(&host, index);
    batch_do(&host);
    check(setns(space, CLONE_NEWNET), "setns");
    batch_open(&inside, NETLINK_ROUTE);
    index = link_index(&inside, config->tunnel_inside);
    put_alias(&inside, index, alias);
    for (int i = 0; i < config->inside_addresses.count; i++)
        put_address(&inside, &config->inside_addresses.prefix[i], index);
    put_up(&inside, index);
    batch_do(&inside);
    say("the tunnel is up");
}

// Deletes the link that the record of a stage names, where that says it is.
static void link_down(const char *stage) {
    char record[4096], path[128], side[8];
    unsigned long device, inode;
    uint32_t index;
    struct stat status;
    struct batch batch;
    read_text(in_state(stage), record, sizeof record);
    char *link = strstr(record, "\nlink ");
    if (!link || sscanf(record, "within %127s %lu %lu", path, &device, &inode) != 3 ||
        sscanf(link, " link %7s %*s %u", side, &index) != 2) exit(1);
    if (!strcmp(side, "inside")) {
        int space = check(open(path, O_RDONLY | O_CLOEXEC), path);
        check(fstat(space, &status), path);
        if (status.st_dev != device || status.st_ino != inode) exit(1);
        check(setns(space, CLONE_NEWNET), "setns");
    }
    batch_open(&batch, NETLINK_ROUTE);
    put_link(&batch, RTM_DELLINK, 0, index);
    batch_next(&batch);
    batch_do(&batch);
    check(unlink(in_state(stage)), "unlink");
    rmdir(state_path);
    say("it is down");
}

int main(int argc, char **argv) {
    static struct config config;
    if (argc < 4) return 2;
    const char *stage = argv[1];
    lock_state(argv[3]);
    if (!strcmp(argv[2], "up")) {
        read_config(&config, argv[3]);
        if (!strcmp(stage, "netns")) netns_up(&config);
        else if (!strcmp(stage, "wg")) wg_up(&config);
        else tunnel_up(&config);
    } else if (!strcmp(stage, "netns")) netns_down();
    else link_down(stage);
    return 0;
}
