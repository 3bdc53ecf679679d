/* SPDX-License-Identifier: MIT */
#include "server/scripts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A build tree brings its own scripts, as long as it is there. */
static const char *
shipped_folder(void)
{
	struct stat there;

	if (stat(SYNCTALK_BUILDDIR "/config.status", &there) == 0 &&
	    stat(SYNCTALK_SOURCEDIR "/lua", &there) == 0)
		return SYNCTALK_SOURCEDIR "/lua";
	return SYNCTALK_LUADIR;
}

void
scripts_set_budgets(struct scripts *scripts, const struct config *config)
{
	struct script_options *options = &scripts->options;

	options->limits_off = config->limits.off;
	options->filter_warn_ms = config->budgets.filter_warn_ms;
	options->filter_ms = config->budgets.filter_ms;
	options->command_ms = config->budgets.command_ms;
	options->load_ms = config->budgets.load_ms;
	options->memory_max = config->budgets.memory_bytes;
}

int
scripts_init(struct scripts *scripts, const struct config *config,
    struct fetch *fetch, const struct log *log, struct error *err)
{
	struct script_options *options = &scripts->options;

	memset(scripts, 0, sizeof(*scripts));
	if (config->scripts != NULL) {
		scripts->operator_folder = strdup(config->scripts);
		if (scripts->operator_folder == NULL) {
			error_set(err, ERROR_NOMEM, "no memory for scripts");
			return -1;
		}
	}
	options->shipped_folder = shipped_folder();
	options->operator_folder = scripts->operator_folder;
	options->workers = config->workers;
	options->fetch = fetch;
	options->log = log;
	scripts_set_budgets(scripts, config);
	options->watchdog = script_watchdog_start(err);
	if (options->watchdog == NULL)
		goto fail;
	options->shared = script_shared_new(0, err);
	if (options->shared == NULL)
		goto fail;
	return 0;
fail:
	scripts_fini(scripts);
	return -1;
}

void
scripts_fini(struct scripts *scripts)
{
	script_shared_free(scripts->options.shared);
	script_watchdog_stop(scripts->options.watchdog);
	free(scripts->operator_folder);
	memset(scripts, 0, sizeof(*scripts));
}

struct script_set *
scripts_load(const struct scripts *scripts, uint32_t generation,
    struct error *err)
{
	script_thread_attach();
	return script_set_load(&scripts->options, generation, err);
}
