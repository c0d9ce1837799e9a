/** Shared by the files of net/ only. */
#ifndef POLDER_NET_IMPL_H
#define POLDER_NET_IMPL_H

#include "net/net.h"

struct sockaddr;
/** Whether the Internet routes it. `address` is one of AF_INET or AF_INET6; others: false. */
bool net_sockaddr_is_public(const struct sockaddr *address);

#endif
