// The table that keeps names and packets inside, as nf_tables messages: what nft(8) makes of the rules
// in Sources/Stage/Plan/FilterRules.swift, without its parser, its evaluation and its libraries.
#pragma once

#include <netinet/in.h>

#include "stages-netlink.h"
// Behind netinet/in.h, whose definitions linux/in.h then leaves out.
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

static const char table_name[] = "namespaced-wireguard-vpn";
// Numbers that nft(8) gives to types of sets, for its own listing; from its datatype.h.
enum set_type { inet_protocol = 12, inet_service = 13, icmpv6_type = 29, interface_name = 41 };
// NFTNL_UDATA_SET_KEYBYTEORDER, and nft's values for it.
enum byte_order { host_order = 1, big_endian = 2 };

static void put_nft(struct batch *batch, int type, int flags, int family, int resource) {
    struct nlmsghdr *message = batch_put(batch, type, flags);
    struct nfgenmsg *header = mnl_nlmsg_put_extra_header(message, sizeof *header);
    header->nfgen_family = family;
    header->res_id = htons(resource);
}

static struct nlmsghdr *put_object(struct batch *batch, int type, int flags) {
    put_nft(batch, NFNL_SUBSYS_NFTABLES << 8 | type, flags, NFPROTO_INET, 0);
    return batch->last;
}

static void put_number(struct nlmsghdr *message, int type, uint32_t number) {
    mnl_attr_put_u32(message, type, htonl(number));
}

static void put_data(struct nlmsghdr *message, int type, const void *bytes, size_t size) {
    struct nlattr *data = mnl_attr_nest_start(message, type);
    mnl_attr_put(message, NFTA_DATA_VALUE, size, bytes);
    mnl_attr_nest_end(message, data);
}

static void put_chain(struct batch *batch, const char *name, int hook) {
    struct nlmsghdr *message = put_object(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
    mnl_attr_put_strz(message, NFTA_CHAIN_TABLE, table_name);
    mnl_attr_put_strz(message, NFTA_CHAIN_NAME, name);
    if (hook >= 0) {
        mnl_attr_put_strz(message, NFTA_CHAIN_TYPE, "filter");
        put_number(message, NFTA_CHAIN_POLICY, NF_ACCEPT);
        struct nlattr *nest = mnl_attr_nest_start(message, NFTA_CHAIN_HOOK);
        put_number(message, NFTA_HOOK_HOOKNUM, hook);
        put_number(message, NFTA_HOOK_PRIORITY, 0);
        mnl_attr_nest_end(message, nest);
    }
    batch_next(batch);
}

// An anonymous set of two elements, in a transaction known by its number.
static void put_set(struct batch *batch, int id, enum set_type type, enum byte_order order,
                    const void *elements, size_t size) {
    struct nlmsghdr *message = put_object(batch, NFT_MSG_NEWSET, NLM_F_CREATE);
    mnl_attr_put_strz(message, NFTA_SET_TABLE, table_name);
    mnl_attr_put_strz(message, NFTA_SET_NAME, "__set%d");
    put_number(message, NFTA_SET_FLAGS, NFT_SET_ANONYMOUS | NFT_SET_CONSTANT);
    put_number(message, NFTA_SET_KEY_TYPE, type);
    put_number(message, NFTA_SET_KEY_LEN, size);
    put_number(message, NFTA_SET_ID, id);
    struct nlattr *description = mnl_attr_nest_start(message, NFTA_SET_DESC);
    put_number(message, NFTA_SET_DESC_SIZE, 2);
    mnl_attr_nest_end(message, description);
    const unsigned char user[] = {0, 4, order, 0, 0, 0};
    mnl_attr_put(message, NFTA_SET_USERDATA, sizeof user, user);
    batch_next(batch);
    message = put_object(batch, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
    mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, table_name);
    mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, "__set%d");
    put_number(message, NFTA_SET_ELEM_LIST_SET_ID, id);
    struct nlattr *list = mnl_attr_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS);
    for (int i = 0; i < 2; i++) {
        struct nlattr *element = mnl_attr_nest_start(message, NFTA_LIST_ELEM);
        put_data(message, NFTA_SET_ELEM_KEY, (const char *)elements + i * size, size);
        mnl_attr_nest_end(message, element);
    }
    mnl_attr_nest_end(message, list);
    batch_next(batch);
}

// A rule that is being written, and the expression of it.
struct rule {
    struct batch *batch;
    struct nlmsghdr *message;
    struct nlattr *expressions, *expression, *data;
};

static struct rule rule_begin(struct batch *batch, const char *chain) {
    struct nlmsghdr *message = put_object(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
    mnl_attr_put_strz(message, NFTA_RULE_TABLE, table_name);
    mnl_attr_put_strz(message, NFTA_RULE_CHAIN, chain);
    return (struct rule){.batch = batch, .message = message,
                         .expressions = mnl_attr_nest_start(message, NFTA_RULE_EXPRESSIONS)};
}

static void rule_end(struct rule *rule) {
    mnl_attr_nest_end(rule->message, rule->expressions);
    batch_next(rule->batch);
}

static void begin(struct rule *rule, const char *kind) {
    rule->expression = mnl_attr_nest_start(rule->message, NFTA_LIST_ELEM);
    mnl_attr_put_strz(rule->message, NFTA_EXPR_NAME, kind);
    rule->data = mnl_attr_nest_start(rule->message, NFTA_EXPR_DATA);
}

static void end(struct rule *rule) {
    mnl_attr_nest_end(rule->message, rule->data);
    mnl_attr_nest_end(rule->message, rule->expression);
}

static void meta(struct rule *rule, int key) {
    begin(rule, "meta");
    put_number(rule->message, NFTA_META_KEY, key);
    put_number(rule->message, NFTA_META_DREG, NFT_REG_1);
    end(rule);
}

static void connection(struct rule *rule, int key, int attribute) {
    begin(rule, "ct");
    put_number(rule->message, NFTA_CT_KEY, key);
    put_number(rule->message, attribute, NFT_REG_1);
    end(rule);
}

static void payload(struct rule *rule, int base, int offset, int length) {
    begin(rule, "payload");
    put_number(rule->message, NFTA_PAYLOAD_DREG, NFT_REG_1);
    put_number(rule->message, NFTA_PAYLOAD_BASE, base);
    put_number(rule->message, NFTA_PAYLOAD_OFFSET, offset);
    put_number(rule->message, NFTA_PAYLOAD_LEN, length);
    end(rule);
}

static void compare(struct rule *rule, int operation, const void *bytes, size_t size) {
    begin(rule, "cmp");
    put_number(rule->message, NFTA_CMP_SREG, NFT_REG_1);
    put_number(rule->message, NFTA_CMP_OP, operation);
    put_data(rule->message, NFTA_CMP_DATA, bytes, size);
    end(rule);
}

static void lookup(struct rule *rule, int id, int flags) {
    begin(rule, "lookup");
    put_number(rule->message, NFTA_LOOKUP_SREG, NFT_REG_1);
    mnl_attr_put_strz(rule->message, NFTA_LOOKUP_SET, "__set%d");
    put_number(rule->message, NFTA_LOOKUP_SET_ID, id);
    if (flags) put_number(rule->message, NFTA_LOOKUP_FLAGS, flags);
    end(rule);
}

// `ct state` with any of these bits.
static void state(struct rule *rule, uint32_t bits) {
    const uint32_t zero = 0;
    connection(rule, NFT_CT_STATE, NFTA_CT_DREG);
    begin(rule, "bitwise");
    put_number(rule->message, NFTA_BITWISE_SREG, NFT_REG_1);
    put_number(rule->message, NFTA_BITWISE_DREG, NFT_REG_1);
    put_number(rule->message, NFTA_BITWISE_LEN, sizeof bits);
    put_data(rule->message, NFTA_BITWISE_MASK, &bits, sizeof bits);
    put_data(rule->message, NFTA_BITWISE_XOR, &zero, sizeof zero);
    end(rule);
    compare(rule, NFT_CMP_NEQ, &zero, sizeof zero);
}

static void verdict(struct rule *rule, int code, const char *chain) {
    begin(rule, "immediate");
    put_number(rule->message, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
    struct nlattr *data = mnl_attr_nest_start(rule->message, NFTA_IMMEDIATE_DATA);
    struct nlattr *nest = mnl_attr_nest_start(rule->message, NFTA_DATA_VERDICT);
    put_number(rule->message, NFTA_VERDICT_CODE, code);
    if (chain) mnl_attr_put_strz(rule->message, NFTA_VERDICT_CHAIN, chain);
    mnl_attr_nest_end(rule->message, nest);
    mnl_attr_nest_end(rule->message, data);
    end(rule);
}
