/* SPDX-License-Identifier: MIT */
#include "fetch/rules.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Addresses of no public host: the special-purpose registries of IANA
 * (RFC 6890), multicast and the reserved rest.  The IPv6 ranges that carry
 * IPv4 addresses are among them: what is behind is not seen.
 */
static const char *const special[] = {"0.0.0.0/8", "10.0.0.0/8",
    "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
    "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7",
    "fe80::/9", "ff00::/8"};
#define SPECIAL_N (sizeof(special) / sizeof(special[0]))

static int
put_origin(CURLU *url, char origin[ORIGIN_SIZE])
{
	char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL, *c;
	int n = -1;

	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) ==
	    CURLUE_OK &&
	    curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
	    (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0))
		n = snprintf(origin, ORIGIN_SIZE, "%s://%s:%s", scheme, host,
		    port);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	if (n < 0 || n >= ORIGIN_SIZE)
		return -1;
	for (c = origin; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return 0;
}

int
origin_of(const char *url, char origin[ORIGIN_SIZE])
{
	CURLU *parsed = curl_url();
	int rc = -1;

	if (parsed != NULL &&
	    curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK)
		rc = put_origin(parsed, origin);
	curl_url_cleanup(parsed);
	return rc;
}

/* Nothing behind the name and port: a list of paths would promise more. */
static bool
is_origin_alone(const char *text)
{
	const char *host = strstr(text, "://");

	return host != NULL && strpbrk(host + 3, "/?#@") == NULL;
}

static size_t
count(const char *const *list)
{
	size_t n = 0;

	while (list != NULL && list[n] != NULL)
		n++;
	return n;
}

static int
read_origins(const char *const *list, struct rules *rules, struct error *err)
{
	for (; rules->origins_n < count(list); rules->origins_n++) {
		if (is_origin_alone(list[rules->origins_n]) &&
		    origin_of(list[rules->origins_n],
			rules->origins[rules->origins_n]) == 0)
			continue;
		error_set(err, ERROR_CONFIG, "http.allow: \"%s\" is no "
		    "origin, such as https://api.example.org",
		    list[rules->origins_n]);
		return -1;
	}
	return 0;
}

static int
read_ranges(const char *const *list, struct rules *rules, struct error *err)
{
	struct error why;

	for (; rules->ranges_n < count(list); rules->ranges_n++) {
		if (range_parse(list[rules->ranges_n],
			strlen(list[rules->ranges_n]),
			&rules->ranges[rules->ranges_n], &why) == 0)
			continue;
		error_set(err, ERROR_CONFIG, "http.allow_private: %s",
		    why.text);
		return -1;
	}
	return 0;
}

int
rules_read(const struct fetch_rules *from, struct rules *rules,
    struct error *err)
{
	/* One more each: none is no failure. */
	*rules = (struct rules){
	    .origins = calloc(count(from->origins) + 1,
		sizeof(*rules->origins)),
	    .ranges = calloc(count(from->private_ranges) + 1,
		sizeof(*rules->ranges))};
	if (rules->origins == NULL || rules->ranges == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the rules of http");
	} else if (read_origins(from->origins, rules, err) == 0 &&
	    read_ranges(from->private_ranges, rules, err) == 0) {
		return 0;
	}
	rules_fini(rules);
	return -1;
}

void
rules_fini(struct rules *rules)
{
	free(rules->origins);
	free(rules->ranges);
	*rules = (struct rules){0};
}

bool
rules_allow_origin(const struct rules *rules, const char *origin)
{
	size_t i;

	for (i = 0; i < rules->origins_n; i++) {
		if (strcmp(rules->origins[i], origin) == 0)
			return true;
	}
	return false;
}

bool
rules_allow_address(const struct rules *rules, const struct sockaddr *address)
{
	struct range range;
	struct ip ip;
	size_t i;

	if (!ip_of_sockaddr(address, &ip))
		return false;
	if (range_any_has(rules->ranges, rules->ranges_n, &ip))
		return true;
	for (i = 0; i < SPECIAL_N; i++) {
		if (range_parse(special[i], strlen(special[i]), &range,
			NULL) == -1 || range_has(&range, &ip))
			return false;
	}
	return true;
}
