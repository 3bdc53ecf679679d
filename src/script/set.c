/* SPDX-License-Identifier: MIT */
#include "script/set.h"

#include <assert.h>
#include <stdlib.h>

#include "script/filters.h"
#include "script/hooks.h"
#include "script/lines.h"
#include "script/load.h"

static const struct clock system_clock;

static const struct script_options defaults = {.filter_warn_ms = 5,
    .filter_ms = 50, .command_ms = 100, .load_ms = 2000,
    .memory_max = (size_t)64 << 20};

static struct script_worker *
worker_of(struct policy *policy)
{
	return (struct script_worker *)policy;
}

static void
policy_message(struct policy *policy, const struct policy_message *message,
    struct policy_result *result)
{
	filters_run(worker_of(policy)->engine, message, result);
}

static void
policy_line(struct policy *policy, const struct policy_line *line)
{
	lines_run(worker_of(policy)->engine, line);
}

static void
policy_commands(struct policy *policy, struct buf *json)
{
	const struct registry *registry = &worker_of(policy)->engine->registry;

	buf_append(json, registry->json, registry->json_len);
}

static int
policy_send_code(struct policy *policy, const struct policy_code *code)
{
	return hooks_send_code(worker_of(policy)->engine, code);
}

static void
fill_in(struct script_options *options)
{
	if (options->filter_warn_ms == 0)
		options->filter_warn_ms = defaults.filter_warn_ms;
	if (options->filter_ms == 0)
		options->filter_ms = defaults.filter_ms;
	if (options->command_ms == 0)
		options->command_ms = defaults.command_ms;
	if (options->load_ms == 0)
		options->load_ms = defaults.load_ms;
	if (options->memory_max == 0)
		options->memory_max = defaults.memory_max;
	if (options->clock == NULL)
		options->clock = &system_clock;
}

static int
build_workers(struct script_set *set, const struct engine_options *options,
    struct error *err)
{
	static const struct policy_ops ops = {policy_message, policy_line,
	    policy_commands, policy_send_code};
	unsigned i;

	for (i = 0; i < set->options.workers; i++) {
		struct script_worker *worker = &set->workers[i];

		worker->engine = engine_new(options, err);
		if (worker->engine == NULL ||
		    load_scripts(worker->engine, err) != 0)
			return -1;
		worker->policy.ops = &ops;
		worker->policy.generation = set->generation;
		worker->policy.wants_messages =
		    worker->engine->registry.filter_count > 0;
	}
	return 0;
}

static int
load(struct script_set *set, struct error *err)
{
	struct engine_options options = {.options = &set->options,
	    .snapshot = &set->snapshot, .shared = set->options.shared,
	    .clock = set->options.clock};
	size_t i;

	if (snapshot_read(&set->snapshot, set->options.shipped_folder,
	    set->options.operator_folder, err) != 0)
		return -1;
	set->health = health_new(set->snapshot.count, set->options.log,
	    set->options.clock);
	if (set->health == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the scripts");
		return -1;
	}
	for (i = 0; i < set->snapshot.count; i++)
		set->health->modules[i].path = set->snapshot.sources[i].path;
	options.health = set->health;
	if (load_and_test(&options, err) != 0)
		return -1;
	return build_workers(set, &options, err);
}

struct script_set *
script_set_load(const struct script_options *options, uint32_t generation,
    struct error *err)
{
	struct script_set *set;

	assert(options->workers >= 1 && options->watchdog != NULL &&
	    options->shared != NULL && options->log != NULL);
	script_thread_attach();
	set = calloc(1, sizeof(*set) +
	    options->workers * sizeof(set->workers[0]));
	if (set == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for the scripts");
		return NULL;
	}
	set->options = *options;
	set->generation = generation;
	fill_in(&set->options);
	if (load(set, err) == 0)
		return set;
	script_set_free(set);
	return NULL;
}

void
script_set_free(struct script_set *set)
{
	unsigned i;

	if (set == NULL)
		return;
	for (i = 0; i < set->options.workers; i++)
		engine_free(set->workers[i].engine);
	health_free(set->health);
	snapshot_fini(&set->snapshot);
	free(set);
}

struct policy *
script_set_policy(struct script_set *set, unsigned worker)
{
	assert(worker < set->options.workers);
	return &set->workers[worker].policy;
}

void
script_set_settle(struct script_set *set)
{
	atomic_store(&set->health->settled, true);
}

uint64_t
script_set_errors(const struct script_set *set)
{
	return atomic_load(&set->health->errors);
}
