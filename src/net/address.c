/* Which addresses lie outside: the IANA registries of special-purpose addresses as two tables. */
#include "net/net_impl.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const struct range4 {
    uint32_t first;
    int bits;
} SPECIAL4[] = {
    {0x00000000, 8},  /* this network */
    {0x0A000000, 8},  /* private */
    {0x64400000, 10}, /* carrier-grade NAT */
    {0x7F000000, 8},  /* loopback */
    {0xA9FE0000, 16}, /* link-local; clouds keep secrets there */
    {0xAC100000, 12}, /* private */
    {0xC0000000, 24}, /* protocol assignments */
    {0xC0000200, 24}, /* documentation */
    {0xC0586300, 24}, /* 6to4 relays */
    {0xC0A80000, 16}, /* private */
    {0xC6120000, 15}, /* benchmarks */
    {0xC6336400, 24}, /* documentation */
    {0xCB007100, 24}, /* documentation */
    {0xE0000000, 3},  /* multicast and reserved */
};

static bool is_public4(uint32_t address) {
    for (size_t i = 0; i < sizeof(SPECIAL4) / sizeof(SPECIAL4[0]); i++)
        if ((address ^ SPECIAL4[i].first) >> (32 - SPECIAL4[i].bits) == 0)
            return false;
    return true;
}

/* Within 2000::/3, outside which nothing is routed. Some carry an IPv4 address that is reached in
   the end. */
static const struct range6 {
    uint8_t first[6];
    int bits;
} SPECIAL6[] = {
    {{0x20, 0x01, 0x00, 0x00, 0x00, 0x00}, 23}, /* protocol assignments, Teredo among them */
    {{0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00}, 32}, /* documentation */
    {{0x20, 0x02, 0x00, 0x00, 0x00, 0x00}, 16}, /* 6to4 */
    {{0x3f, 0xff, 0x00, 0x00, 0x00, 0x00}, 20}, /* documentation */
};

static bool has_prefix(const uint8_t *address, const uint8_t *prefix, int bits) {
    size_t whole = (size_t)bits / 8;
    uint8_t mask = (uint8_t)(0xff00 >> (bits % 8));
    return memcmp(address, prefix, whole) == 0 && ((address[whole] ^ prefix[whole]) & mask) == 0;
}

static bool is_public6(const uint8_t address[16]) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (memcmp(address, mapped, sizeof(mapped)) == 0)
        return is_public4((uint32_t)address[12] << 24 | (uint32_t)address[13] << 16 |
                          (uint32_t)address[14] << 8 | address[15]);
    if ((address[0] & 0xe0) != 0x20)
        return false;
    for (size_t i = 0; i < sizeof(SPECIAL6) / sizeof(SPECIAL6[0]); i++)
        if (has_prefix(address, SPECIAL6[i].first, SPECIAL6[i].bits))
            return false;
    return true;
}

bool net_sockaddr_is_public(const struct sockaddr *address) {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    switch (address->sa_family) {
    case AF_INET:
        memcpy(&v4, address, sizeof(v4));
        return is_public4(ntohl(v4.sin_addr.s_addr));
    case AF_INET6:
        memcpy(&v6, address, sizeof(v6));
        return is_public6(v6.sin6_addr.s6_addr);
    default:
        return false;
    }
}

bool net_address_is_public(const char *address) {
    struct in_addr v4;
    struct in6_addr v6;
    if (inet_pton(AF_INET, address, &v4) == 1)
        return is_public4(ntohl(v4.s_addr));
    return inet_pton(AF_INET6, address, &v6) == 1 && is_public6(v6.s6_addr);
}
