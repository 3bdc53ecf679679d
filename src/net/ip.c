/* SPDX-License-Identifier: MIT */
#include "net/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff,
    0xff};

void
ip_of_v4(const unsigned char bytes[4], struct ip *ip)
{
	memcpy(ip->bytes, mapped, sizeof(mapped));
	memcpy(ip->bytes + sizeof(mapped), bytes, 4);
}

void
ip_of_v6(const unsigned char bytes[16], struct ip *ip)
{
	memcpy(ip->bytes, bytes, sizeof(ip->bytes));
}

bool
ip_parse(const char *text, size_t len, struct ip *ip)
{
	unsigned char bytes[16];
	char copy[IP_TEXT_SIZE];

	if (len >= sizeof(copy) || memchr(text, '\0', len) != NULL)
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET, copy, bytes) == 1)
		ip_of_v4(bytes, ip);
	else if (inet_pton(AF_INET6, copy, bytes) == 1)
		ip_of_v6(bytes, ip);
	else
		return false;
	return true;
}

bool
ip_of_sockaddr(const struct sockaddr *from, struct ip *ip)
{
	struct sockaddr_in6 six;
	struct sockaddr_in four;

	if (from->sa_family == AF_INET) {
		memcpy(&four, from, sizeof(four));
		ip_of_v4((const unsigned char *)&four.sin_addr, ip);
		return true;
	}
	if (from->sa_family == AF_INET6) {
		memcpy(&six, from, sizeof(six));
		ip_of_v6(six.sin6_addr.s6_addr, ip);
		return true;
	}
	return false;
}

bool
ip_is_v4(const struct ip *ip)
{
	return memcmp(ip->bytes, mapped, sizeof(mapped)) == 0;
}

bool
ip_is_loopback(const struct ip *ip)
{
	if (ip_is_v4(ip))
		return ip->bytes[12] == 127;
	return memcmp(ip->bytes, &in6addr_loopback, sizeof(ip->bytes)) == 0;
}

void
ip_format(const struct ip *ip, char text[IP_TEXT_SIZE])
{
	if (ip_is_v4(ip))
		inet_ntop(AF_INET, ip->bytes + sizeof(mapped), text,
		    IP_TEXT_SIZE);
	else
		inet_ntop(AF_INET6, ip->bytes, text, IP_TEXT_SIZE);
}
