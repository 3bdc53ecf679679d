/* SPDX-License-Identifier: MIT */
#include "script/set.h"

#include <string.h>

#include "base/json.h"

/* What a set consists of, for people and for tools. */

static const char *const source_kinds[] = {[SOURCE_SCRIPT] = "script",
    [SOURCE_LIBRARY] = "library", [SOURCE_TEST] = "test"};

static void
describe_filter(const struct filter *f, struct buf *text)
{
	buf_printf(text, "    filter %s: phase %s", f->name,
	    filter_phases[f->phase]);
	if (f->conversations != NULL)
		buf_printf(text, ", in %s", f->conversations);
	if (f->match != NULL)
		buf_puts(text, ", by words");
	if (f->observe)
		buf_puts(text, ", observed only");
	if (f->on_error != ON_ERROR_ALLOW)
		buf_printf(text, ", on error %s",
		    filter_on_errors[f->on_error]);
	buf_printf(text, " (line %d)\n", f->line);
}

static void
describe_command(const struct command *c, struct buf *text)
{
	buf_printf(text, "    command %s", c->usage);
	if (c->scope != SCOPE_ANY)
		buf_printf(text, ", in %s only", command_scopes[c->scope]);
	if (c->rate_n != 0)
		buf_printf(text, ", %g in %g s", c->rate_n, c->rate_window);
	buf_printf(text, " (line %d)\n", c->line);
}

static void
describe_source(const struct script_set *set, size_t i, struct buf *text)
{
	const struct source *source = &set->snapshot.sources[i];
	const struct module *module = &set->health->modules[i];
	const struct registry *r = &set->workers[0].engine->registry;
	unsigned declared = 0;
	size_t j;

	buf_printf(text, "%s %s: %s\n", source_kinds[source->kind],
	    source->path, source->file);
	if (source->shadowed != NULL)
		buf_printf(text, "    shadows %s\n", source->shadowed);
	for (j = 0; j < r->filter_count; j++) {
		if (r->filters[j]->module != module)
			continue;
		describe_filter(r->filters[j], text);
		declared++;
	}
	for (j = 0; j < r->command_count; j++) {
		if (r->commands[j]->module != module)
			continue;
		describe_command(r->commands[j], text);
		declared++;
	}
	for (j = 0; j < r->hook_count; j++) {
		if (r->hooks[j]->module != module)
			continue;
		buf_printf(text, "    on %s (line %d)\n",
		    hook_events[r->hooks[j]->event], r->hooks[j]->line);
		declared++;
	}
	if (declared == 0 && source->kind == SOURCE_SCRIPT)
		buf_puts(text, "    declares nothing: switched off\n");
}

void
script_set_describe(const struct script_set *set, struct buf *text)
{
	const struct registry *r = &set->workers[0].engine->registry;
	size_t i;

	for (i = 0; i < set->snapshot.count; i++)
		describe_source(set, i, text);
	buf_puts(text, "filters run in this order:");
	for (i = 0; i < r->filter_count; i++)
		buf_printf(text, "%s %s", i > 0 ? "," : "",
		    r->filters[i]->name);
	buf_puts(text, r->filter_count > 0 ? "\n" : " none\n");
}

static void
put_member(struct buf *json, const char *name, const char *value)
{
	buf_printf(json, "\"%s\":", name);
	json_put_string(json, value, strlen(value));
	buf_putc(json, ',');
}

static void
put_module(struct buf *json, const struct module *module, const char *file,
    int line)
{
	put_member(json, "script", module->path);
	put_member(json, "file", file);
	buf_printf(json, "\"line\":%d,\"errors\":%llu,\"disabled\":%s}", line,
	    (unsigned long long)atomic_load(&module->errors),
	    module_disabled(module) ? "true" : "false");
}

static const char *
file_of(const struct script_set *set, const struct module *module)
{
	return set->snapshot.sources[module - set->health->modules].file;
}

void
script_set_hooks(const struct script_set *set, struct buf *json)
{
	const struct registry *r = &set->workers[0].engine->registry;
	size_t i;

	buf_printf(json, "{\"generation\":%u,\"filters\":[",
	    (unsigned)set->generation);
	for (i = 0; i < r->filter_count; i++) {
		const struct filter *f = r->filters[i];

		buf_puts(json, i > 0 ? ",{" : "{");
		put_member(json, "name", f->name);
		put_member(json, "on", "message");
		put_member(json, "phase", filter_phases[f->phase]);
		put_member(json, "mode", f->observe ? "observe" : "enforce");
		put_member(json, "on_error", filter_on_errors[f->on_error]);
		put_member(json, "conversations",
		    f->conversations != NULL ? f->conversations : "*");
		put_module(json, f->module, file_of(set, f->module), f->line);
	}
	buf_puts(json, "],\"commands\":[");
	for (i = 0; i < r->command_count; i++) {
		const struct command *c = r->commands[i];

		buf_puts(json, i > 0 ? ",{" : "{");
		put_member(json, "name", c->name);
		put_member(json, "usage", c->usage);
		put_module(json, c->module, file_of(set, c->module), c->line);
	}
	buf_puts(json, "],\"observers\":[");
	for (i = 0; i < r->hook_count; i++) {
		const struct hook *h = r->hooks[i];

		buf_puts(json, i > 0 ? ",{" : "{");
		put_member(json, "on", hook_events[h->event]);
		put_module(json, h->module, file_of(set, h->module), h->line);
	}
	buf_puts(json, "]}");
}
