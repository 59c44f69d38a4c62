// Netlink with the fewest system calls: all requests that do not need each other's answers are one
// datagram, and only the last of them is acknowledged. A request that fails is answered in any
// case, netlink(7), so nothing goes wrong unseen.
#pragma once

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <linux/wireguard.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "stages-config.h"

static const uint32_t link_group = 0x6e737767;

struct batch {
    int fd;
    size_t used;
    struct nlmsghdr *last;
    char bytes[16384];
};

// Opens a socket in the calling thread's network namespace, where it stays; bound when it is used.
static void batch_open(struct batch *batch, int bus) {
    batch->fd = check(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, bus), "socket");
    batch->used = 0;
}

static struct nlmsghdr *batch_put(struct batch *batch, int type, int flags) {
    batch->last = mnl_nlmsg_put_header(batch->bytes + batch->used);
    batch->last->nlmsg_type = type;
    batch->last->nlmsg_flags = NLM_F_REQUEST | flags;
    return batch->last;
}

// Counts the message that was put last; nothing may be added to it any more.
static void batch_next(struct batch *batch) { batch->used += NLMSG_ALIGN(batch->last->nlmsg_len); }

// Sends what there is, and returns the first answer, which is no error.
static struct nlmsghdr *batch_ask(struct batch *batch) {
    static char reply[32768];
    check(send(batch->fd, batch->bytes, batch->used, 0), "send");
    batch->used = 0;
    check(recv(batch->fd, reply, sizeof reply, 0), "recv");
    struct nlmsghdr *first = (struct nlmsghdr *)reply;
    if (first->nlmsg_type == NLMSG_ERROR) {
        errno = -((struct nlmsgerr *)NLMSG_DATA(first))->error;
        if (errno) fail("netlink request");
    }
    return first;
}

static void batch_do(struct batch *batch) {
    batch->last->nlmsg_flags |= NLM_F_ACK;
    batch_ask(batch);
}

static struct nlmsghdr *put_link(struct batch *batch, int type, int flags, uint32_t index) {
    struct nlmsghdr *message = batch_put(batch, type, flags);
    struct ifinfomsg *link = mnl_nlmsg_put_extra_header(message, sizeof *link);
    link->ifi_index = index;
    return message;
}

static uint32_t link_index(struct batch *batch, const char *name) {
    mnl_attr_put_strz(put_link(batch, RTM_GETLINK, 0, 0), IFLA_IFNAME, name);
    batch_next(batch);
    struct ifinfomsg *link = NLMSG_DATA(batch_ask(batch));
    return link->ifi_index;
}

static void put_up(struct batch *batch, uint32_t index) {
    struct nlmsghdr *message = put_link(batch, RTM_NEWLINK, 0, index);
    struct ifinfomsg *link = NLMSG_DATA(message);
    link->ifi_flags = link->ifi_change = IFF_UP;
    batch_next(batch);
}

static void put_alias(struct batch *batch, uint32_t index, const char *alias) {
    mnl_attr_put(put_link(batch, RTM_NEWLINK, 0, index), IFLA_IFALIAS, strlen(alias), alias);
    batch_next(batch);
}

static void put_wireguard_link(struct batch *batch, const char *name, uint32_t mtu, int space) {
    struct nlmsghdr *message = put_link(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
    mnl_attr_put_strz(message, IFLA_IFNAME, name);
    mnl_attr_put_u32(message, IFLA_MTU, mtu);
    mnl_attr_put_u32(message, IFLA_GROUP, link_group);
    mnl_attr_put_u32(message, IFLA_NET_NS_FD, space);
    struct nlattr *information = mnl_attr_nest_start(message, IFLA_LINKINFO);
    mnl_attr_put_strz(message, IFLA_INFO_KIND, "wireguard");
    mnl_attr_nest_end(message, information);
    batch_next(batch);
}

static void put_veth(struct batch *batch, const char *name, const char *peer, int space) {
    struct nlmsghdr *message = put_link(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
    mnl_attr_put_strz(message, IFLA_IFNAME, name);
    mnl_attr_put_u32(message, IFLA_GROUP, link_group);
    struct nlattr *information = mnl_attr_nest_start(message, IFLA_LINKINFO);
    mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
    struct nlattr *data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
    struct nlattr *other = mnl_attr_nest_start(message, VETH_INFO_PEER);
    mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg));
    mnl_attr_put_strz(message, IFLA_IFNAME, peer);
    mnl_attr_put_u32(message, IFLA_NET_NS_FD, space);
    mnl_attr_nest_end(message, other);
    mnl_attr_nest_end(message, data);
    mnl_attr_nest_end(message, information);
    batch_next(batch);
}

static void put_address(struct batch *batch, const struct prefix *prefix, uint32_t index) {
    struct nlmsghdr *message = batch_put(batch, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
    struct ifaddrmsg *address = mnl_nlmsg_put_extra_header(message, sizeof *address);
    address->ifa_family = prefix->family;
    address->ifa_prefixlen = prefix->length;
    address->ifa_index = index;
    // Nobody else can have the address, and it is to be usable at once.
    if (prefix->family == AF_INET6) address->ifa_flags = IFA_F_NODAD;
    mnl_attr_put(message, IFA_LOCAL, prefix_size(prefix), prefix->address);
    mnl_attr_put(message, IFA_ADDRESS, prefix_size(prefix), prefix->address);
    batch_next(batch);
}

static void put_route(struct batch *batch, const struct prefix *prefix, uint32_t index) {
    int create = index ? NLM_F_EXCL : NLM_F_REPLACE;
    struct nlmsghdr *message = batch_put(batch, RTM_NEWROUTE, NLM_F_CREATE | create);
    struct rtmsg *route = mnl_nlmsg_put_extra_header(message, sizeof *route);
    route->rtm_family = prefix->family;
    route->rtm_dst_len = prefix->length;
    route->rtm_table = RT_TABLE_MAIN;
    route->rtm_protocol = RTPROT_STATIC;
    route->rtm_scope = index ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
    route->rtm_type = index ? RTN_UNICAST : RTN_UNREACHABLE;
    if (prefix->length) mnl_attr_put(message, RTA_DST, prefix_size(prefix), prefix->address);
    if (index) mnl_attr_put_u32(message, RTA_OIF, index);
    else mnl_attr_put_u32(message, RTA_PRIORITY, UINT32_MAX);
    batch_next(batch);
}

// WireGuard's family: its number is the kernel's choice.
static int wireguard_family(struct batch *batch) {
    struct nlmsghdr *message = batch_put(batch, GENL_ID_CTRL, 0);
    struct genlmsghdr *header = mnl_nlmsg_put_extra_header(message, sizeof *header);
    header->cmd = CTRL_CMD_GETFAMILY;
    header->version = 1;
    mnl_attr_put_strz(message, CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
    batch_next(batch);
    struct nlmsghdr *reply = batch_ask(batch);
    struct nlattr *attribute;
    mnl_attr_for_each(attribute, reply, sizeof *header)
        if (mnl_attr_get_type(attribute) == CTRL_ATTR_FAMILY_ID) return mnl_attr_get_u16(attribute);
    errno = ENOENT;
    fail("family of WireGuard");
}

static void put_device(struct batch *batch, int family, const struct config *config) {
    struct nlmsghdr *message = batch_put(batch, family, 0);
    struct genlmsghdr *header = mnl_nlmsg_put_extra_header(message, sizeof *header);
    header->cmd = WG_CMD_SET_DEVICE;
    header->version = WG_GENL_VERSION;
    mnl_attr_put_strz(message, WGDEVICE_A_IFNAME, config->wireguard);
    mnl_attr_put_u32(message, WGDEVICE_A_FLAGS, WGDEVICE_F_REPLACE_PEERS);
    mnl_attr_put(message, WGDEVICE_A_PRIVATE_KEY, 32, config->private_key);
    struct nlattr *peers = mnl_attr_nest_start(message, WGDEVICE_A_PEERS);
    struct nlattr *peer = mnl_attr_nest_start(message, 0);
    mnl_attr_put(message, WGPEER_A_PUBLIC_KEY, 32, config->public_key);
    mnl_attr_put_u32(message, WGPEER_A_FLAGS, WGPEER_F_REPLACE_ALLOWEDIPS);
    mnl_attr_put(message, WGPEER_A_PRESHARED_KEY, 32, config->preshared_key);
    mnl_attr_put(message, WGPEER_A_ENDPOINT, sizeof config->endpoint, &config->endpoint);
    mnl_attr_put_u16(message, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL, 0);
    struct nlattr *allowed = mnl_attr_nest_start(message, WGPEER_A_ALLOWEDIPS);
    for (int i = 0; i < config->allowed.count; i++) {
        const struct prefix *prefix = &config->allowed.prefix[i];
        struct nlattr *one = mnl_attr_nest_start(message, 0);
        mnl_attr_put_u16(message, WGALLOWEDIP_A_FAMILY, prefix->family);
        mnl_attr_put(message, WGALLOWEDIP_A_IPADDR, prefix_size(prefix), prefix->address);
        mnl_attr_put_u8(message, WGALLOWEDIP_A_CIDR_MASK, prefix->length);
        mnl_attr_nest_end(message, one);
    }
    mnl_attr_nest_end(message, allowed);
    mnl_attr_nest_end(message, peer);
    mnl_attr_nest_end(message, peers);
    batch_next(batch);
}
