/* SPDX-License-Identifier: MIT */
#include "server/outgoing.h"

#include "fetch/fetch.h"

/* A list of the configuration as fetch.h has it; it borrows the strings. */
struct lists {
	const char *origins[CONFIG_LIST_MAX + 1];
	const char *ranges[CONFIG_LIST_MAX + 1];
};

static struct fetch_rules
read_rules(const struct config *config, struct lists *lists)
{
	size_t i;

	*lists = (struct lists){ .origins = { NULL } };
	for (i = 0; i < config->http.allow.n; i++)
		lists->origins[i] = config->http.allow.items[i];
	for (i = 0; i < config->http.allow_private.n; i++)
		lists->ranges[i] = config->http.allow_private.items[i];
	return (struct fetch_rules){ lists->origins, lists->ranges };
}

struct fetch *
outgoing_new(const struct config *config, const struct log *log,
    struct error *err)
{
	struct lists lists;
	struct fetch_rules rules = read_rules(config, &lists);

	return fetch_new(&rules, log, err);
}

int
outgoing_set_config(struct fetch *fetch, const struct config *config,
    struct error *err)
{
	struct lists lists;
	struct fetch_rules rules = read_rules(config, &lists);

	return fetch_set_rules(fetch, &rules, err);
}

int
outgoing_check(const struct config *config, struct error *err)
{
	struct lists lists;
	struct fetch_rules rules = read_rules(config, &lists);

	return fetch_check_rules(&rules, err);
}
