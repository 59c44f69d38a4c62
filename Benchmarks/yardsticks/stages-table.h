// The rules themselves; each function is a line of namespaceTable() in FilterRules.swift.
#pragma once

#include "stages-rules.h"

static const uint8_t ipv4 = NFPROTO_IPV4, ipv6 = NFPROTO_IPV6, icmpv6 = IPPROTO_ICMPV6;

static void put_input(struct batch *batch, const char *interface) {
    char names[2][IFNAMSIZ] = {"lo"};
    strncpy(names[1], interface, IFNAMSIZ - 1);
    put_set(batch, 1, interface_name, host_order, names, IFNAMSIZ);
    struct rule rule = rule_begin(batch, "input");
    meta(&rule, NFT_META_IIFNAME);
    lookup(&rule, 1, NFT_LOOKUP_F_INV);
    state(&rule, NF_CT_STATE_BIT(IP_CT_NEW));
    begin(&rule, "immediate");
    put_number(rule.message, NFTA_IMMEDIATE_DREG, NFT_REG_1);
    put_data(rule.message, NFTA_IMMEDIATE_DATA, &link_group, sizeof link_group);
    end(&rule);
    connection(&rule, NFT_CT_MARK, NFTA_CT_SREG);
    rule_end(&rule);
}

static void put_by_interface(struct batch *batch, int operation, const char *interface, int code,
                             const char *chain) {
    char name[IFNAMSIZ] = "";
    strncpy(name, interface, IFNAMSIZ - 1);
    struct rule rule = rule_begin(batch, "output");
    meta(&rule, NFT_META_OIFNAME);
    compare(&rule, operation, name, sizeof name);
    verdict(&rule, code, chain);
    rule_end(&rule);
}

// `[ip daddr SERVER] meta l4proto { tcp, udp } th dport { PORTS }`, with two sets from `id` on.
static void put_by_port(struct batch *batch, int id, int first, int second, const char *server,
                        int code) {
    const uint8_t protocols[] = {IPPROTO_TCP, IPPROTO_UDP};
    const uint16_t ports[] = {htons(first), htons(second)};
    put_set(batch, id, inet_protocol, big_endian, protocols, sizeof *protocols);
    put_set(batch, id + 1, inet_service, big_endian, ports, sizeof *ports);
    struct rule rule = rule_begin(batch, "output");
    if (server) {
        struct in_addr address;
        inet_pton(AF_INET, server, &address);
        meta(&rule, NFT_META_NFPROTO);
        compare(&rule, NFT_CMP_EQ, &ipv4, sizeof ipv4);
        payload(&rule, NFT_PAYLOAD_NETWORK_HEADER, 16, sizeof address);
        compare(&rule, NFT_CMP_EQ, &address, sizeof address);
    }
    meta(&rule, NFT_META_L4PROTO);
    lookup(&rule, id, 0);
    payload(&rule, NFT_PAYLOAD_TRANSPORT_HEADER, 2, sizeof *ports);
    lookup(&rule, id + 1, 0);
    verdict(&rule, code, NULL);
    rule_end(&rule);
}

static void put_replies(struct batch *batch, int id) {
    const uint8_t neighbour[] = {135, 136};
    put_set(batch, id, icmpv6_type, big_endian, neighbour, sizeof *neighbour);
    struct rule rule = rule_begin(batch, "replies");
    meta(&rule, NFT_META_NFPROTO);
    compare(&rule, NFT_CMP_EQ, &ipv6, sizeof ipv6);
    meta(&rule, NFT_META_L4PROTO);
    compare(&rule, NFT_CMP_EQ, &icmpv6, sizeof icmpv6);
    payload(&rule, NFT_PAYLOAD_TRANSPORT_HEADER, 0, sizeof *neighbour);
    lookup(&rule, id, 0);
    verdict(&rule, NF_ACCEPT, NULL);
    rule_end(&rule);
    rule = rule_begin(batch, "replies");
    connection(&rule, NFT_CT_MARK, NFTA_CT_DREG);
    compare(&rule, NFT_CMP_EQ, &link_group, sizeof link_group);
    state(&rule, NF_CT_STATE_BIT(IP_CT_ESTABLISHED) | NF_CT_STATE_BIT(IP_CT_RELATED));
    verdict(&rule, NF_ACCEPT, NULL);
    rule_end(&rule);
    rule = rule_begin(batch, "replies");
    verdict(&rule, NF_DROP, NULL);
    rule_end(&rule);
}

static void load_table(const struct config *config) {
    struct batch batch;
    batch_open(&batch, NETLINK_NETFILTER);
    put_nft(&batch, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
    batch_next(&batch);
    mnl_attr_put_strz(put_object(&batch, NFT_MSG_NEWTABLE, NLM_F_CREATE), NFTA_TABLE_NAME, table_name);
    batch_next(&batch);
    put_chain(&batch, "input", NF_INET_LOCAL_IN);
    put_chain(&batch, "output", NF_INET_LOCAL_OUT);
    put_chain(&batch, "replies", -1);
    put_input(&batch, config->wireguard);
    put_by_interface(&batch, NFT_CMP_EQ, "lo", NF_ACCEPT, NULL);
    put_by_interface(&batch, NFT_CMP_NEQ, config->wireguard, NFT_JUMP, "replies");
    put_by_port(&batch, 2, 5353, 5355, NULL, NF_DROP);
    put_by_port(&batch, 4, 53, 853, config->server, NF_ACCEPT);
    put_by_port(&batch, 6, 53, 853, NULL, NF_DROP);
    put_replies(&batch, 8);
    // Of a transaction only the end comes after; nobody would answer to that.
    batch.last->nlmsg_flags |= NLM_F_ACK;
    put_nft(&batch, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
    batch_next(&batch);
    batch_ask(&batch);
    close(batch.fd);
}
