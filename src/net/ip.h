/* SPDX-License-Identifier: MIT */
#ifndef NET_IP_H
#define NET_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/*
 * An IP address without a port: 16 bytes in the order of the network, an IPv4
 * one as IPv6 maps it (::ffff:192.0.2.1, RFC 4291 section 2.5.5.2), so that
 * each host has one form.
 */
struct ip {
	unsigned char bytes[16];
};

/* The longest of ip_format(), and a NUL. */
#define IP_TEXT_SIZE 46

/*
 * "192.0.2.1", "2001:db8::1", of len bytes; no brackets, port or zone.  False
 * when it is anything else.
 */
bool ip_parse(const char *text, size_t len, struct ip *ip);

/* False when it is of another family: of a Unix socket. */
bool ip_of_sockaddr(const struct sockaddr *from, struct ip *ip);

/* From 4 or 16 bytes in the order of the network. */
void ip_of_v4(const unsigned char bytes[4], struct ip *ip);
void ip_of_v6(const unsigned char bytes[16], struct ip *ip);

bool ip_is_v4(const struct ip *ip);
bool ip_is_loopback(const struct ip *ip);
void ip_format(const struct ip *ip, char text[IP_TEXT_SIZE]);

#endif
