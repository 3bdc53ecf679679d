/* SPDX-License-Identifier: MIT */
#include "script/registry.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/nearest.h"
#include "script/order.h"

const char *const filter_phases[] = {"normalise", "safety", "policy",
    "transform", NULL};
const char *const filter_on_errors[] = {"allow", "reject", NULL};
const char *const hook_events[] = {"password_reset", NULL};
const char *const command_scopes[] = {"any", "group", "dm", NULL};

void
registry_fini(struct registry *registry)
{
	free(registry->filters);
	free(registry->hooks);
	free(registry->commands);
	free(registry->names);
	free(registry->prefixes);
	free(registry->json);
	memset(registry, 0, sizeof(*registry));
}

/* The list with room for one more, or NULL: no memory. */
static void *
grow(void *list, size_t count, size_t size, struct error *err)
{
	void *more;

	/* At each power of two. */
	if (list != NULL && (count & (count - 1)) != 0)
		return list;
	more = realloc(list, (count == 0 ? 1 : 2 * count) * size);
	if (more == NULL)
		error_set(err, ERROR_NOMEM, "no memory for the scripts");
	return more;
}

int
registry_add_filter(struct registry *r, struct filter *filter,
    struct error *err)
{
	struct filter **more;
	size_t i;

	for (i = 0; i < r->filter_count; i++) {
		if (strcmp(r->filters[i]->name, filter->name) != 0)
			continue;
		error_set(err, ERROR_CONFIG, "%s:%d: filter \"%s\" is declared "
		    "twice (also at %s:%d)", filter->file, filter->line,
		    filter->name, r->filters[i]->file, r->filters[i]->line);
		return -1;
	}
	more = grow(r->filters, r->filter_count, sizeof(*more), err);
	if (more == NULL)
		return -1;
	r->filters = more;
	r->filters[r->filter_count++] = filter;
	return 0;
}

int
registry_add_hook(struct registry *r, struct hook *hook, struct error *err)
{
	struct hook **more = grow(r->hooks, r->hook_count, sizeof(*more), err);

	if (more == NULL)
		return -1;
	r->hooks = more;
	r->hooks[r->hook_count++] = hook;
	return 0;
}

static int
declared_twice(const struct command *command, const struct command *other,
    const char *what, const char *name, struct error *err)
{
	error_set(err, ERROR_CONFIG, "%s:%d: %s \"%s\" is declared twice "
	    "(also at %s:%d)", command->file, command->line, what, name,
	    other->file, other->line);
	return -1;
}

static int
add_name(struct registry *r, const char *name, struct command *command,
    struct error *err)
{
	struct command *other = registry_find(r, name, strlen(name));
	struct command_name *more;

	if (other != NULL)
		return declared_twice(command, other, "command", name, err);
	more = grow(r->names, r->name_count, sizeof(*more), err);
	if (more == NULL)
		return -1;
	r->names = more;
	r->names[r->name_count++] = (struct command_name){name, command};
	return 0;
}

static int
add_prefix(struct registry *r, struct command *command, struct error *err)
{
	struct command **more;
	size_t i;

	for (i = 0; i < r->prefix_count; i++) {
		if (strcmp(r->prefixes[i]->prefix, command->prefix) == 0)
			return declared_twice(command, r->prefixes[i],
			    "prefix", command->prefix, err);
	}
	more = grow(r->prefixes, r->prefix_count, sizeof(*more), err);
	if (more == NULL)
		return -1;
	r->prefixes = more;
	r->prefixes[r->prefix_count++] = command;
	return 0;
}

int
registry_add_command(struct registry *r, struct command *command,
    struct error *err)
{
	const char *const *alias;
	struct command **more;
	size_t i;

	for (i = 0; i < r->command_count; i++) {
		if (strcmp(r->commands[i]->name, command->name) == 0)
			return declared_twice(command, r->commands[i],
			    "command", command->name, err);
	}
	more = grow(r->commands, r->command_count, sizeof(*more), err);
	if (more == NULL)
		return -1;
	r->commands = more;
	r->commands[r->command_count++] = command;
	if (command->prefix != NULL)
		return add_prefix(r, command, err);
	if (add_name(r, command->name, command, err) != 0)
		return -1;
	for (alias = command->aliases; *alias != NULL; alias++) {
		if (add_name(r, *alias, command, err) != 0)
			return -1;
	}
	return 0;
}

struct command *
registry_find(const struct registry *r, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < r->name_count; i++) {
		if (strncasecmp(r->names[i].name, name, len) == 0 &&
		    r->names[i].name[len] == '\0')
			return r->names[i].command;
	}
	return NULL;
}

const char *
registry_nearest(const struct registry *r, const char *name)
{
	unsigned best = nearest_limit(name) + 1, distance;
	const char *found = NULL;
	size_t i;

	for (i = 0; i < r->name_count; i++) {
		distance = nearest_distance(name, r->names[i].name);
		if (distance < best) {
			best = distance;
			found = r->names[i].name;
		}
	}
	return found;
}

static int
by_name(const void *a, const void *b)
{
	const struct command *const *ca = a, *const *cb = b;

	return strcmp((*ca)->name, (*cb)->name);
}

static int
by_prefix(const void *a, const void *b)
{
	const struct command *const *ca = a, *const *cb = b;
	size_t la = strlen((*ca)->prefix), lb = strlen((*cb)->prefix);

	return la != lb ? (la < lb) - (la > lb)
	    : strcmp((*ca)->prefix, (*cb)->prefix);
}

static void
put_member(struct buf *json, const char *name, const char *value)
{
	json_put_string(json, name, strlen(name));
	buf_putc(json, ':');
	json_put_string(json, value, strlen(value));
}

static void
put_argument(struct buf *json, const struct argument *a)
{
	const char *const *choice;

	buf_putc(json, '{');
	put_member(json, "name", a->name);
	buf_putc(json, ',');
	put_member(json, "type", argument_types[a->type]);
	buf_printf(json, ",\"required\":%s", a->required ? "true" : "false");
	if (a->leading)
		buf_puts(json, ",\"leading\":true");
	if (a->choices != NULL) {
		buf_puts(json, ",\"choices\":[");
		for (choice = a->choices; *choice != NULL; choice++) {
			if (choice != a->choices)
				buf_putc(json, ',');
			json_put_string(json, *choice, strlen(*choice));
		}
		buf_putc(json, ']');
	}
	buf_putc(json, '}');
}

static void
put_command(struct buf *json, const struct command *c)
{
	const char *const *alias;
	unsigned i;

	buf_putc(json, '{');
	put_member(json, "name", c->name);
	buf_putc(json, ',');
	put_member(json, "usage", c->usage);
	buf_putc(json, ',');
	put_member(json, "summary", c->summary);
	if (c->prefix != NULL) {
		buf_putc(json, ',');
		put_member(json, "prefix", c->prefix);
	}
	buf_puts(json, ",\"aliases\":[");
	for (alias = c->aliases; *alias != NULL; alias++) {
		if (alias != c->aliases)
			buf_putc(json, ',');
		json_put_string(json, *alias, strlen(*alias));
	}
	buf_puts(json, "],\"args\":[");
	for (i = 0; i < c->argument_count; i++) {
		if (i > 0)
			buf_putc(json, ',');
		put_argument(json, &c->arguments[i]);
	}
	buf_puts(json, "]}");
}

static int
render(struct registry *r, struct error *err)
{
	struct buf json = {0};
	size_t i;

	buf_putc(&json, '[');
	for (i = 0; i < r->command_count; i++) {
		if (i > 0)
			buf_putc(&json, ',');
		put_command(&json, r->commands[i]);
	}
	buf_putc(&json, ']');
	if (json.failed) {
		buf_fini(&json);
		error_set(err, ERROR_NOMEM, "no memory for the scripts");
		return -1;
	}
	r->json = json.data;
	r->json_len = json.len;
	return 0;
}

int
registry_finish(struct registry *r, struct error *err)
{
	if (r->command_count > 0)
		qsort(r->commands, r->command_count, sizeof(*r->commands),
		    by_name);
	if (r->prefix_count > 0)
		qsort(r->prefixes, r->prefix_count, sizeof(*r->prefixes),
		    by_prefix);
	if (order_filters(r->filters, r->filter_count, err) != 0)
		return -1;
	return render(r, err);
}
