/* SPDX-License-Identifier: MIT */
#include "server/reload.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "server/changes.h"
#include "server/outgoing.h"
#include "server/round.h"
#include "server/scripts.h"
#include "server/server.h"
#include "server/systemd.h"
#include "server/watch.h"
#include "server/worker.h"

/* New scripts are on probation so long, and looked at so often. */
#define PROBATION_MS 60000
#define PROBATION_LOOK_MS 2000
/* Back go those with more errors, at so many times the former rate. */
#define PROBATION_ERRORS 20
#define PROBATION_FACTOR 5

static const struct clock system_clock;

struct asker {
	struct asker *next;
	reload_done *done;
	void *arg;
};

struct reload {
	struct server *server;
	struct scripts scripts;
	struct watch *watch; /* --dev, or NULL */

	struct script_set *set; /* in force */
	uint32_t generation;	/* of set */
	uint32_t last;		/* of any that was in force */
	int64_t since_ms;	/* in force */

	/* While `busy`: what is to come, and who waits for it. */
	bool busy;
	bool loading; /* by the thread */
	pthread_t thread;
	struct mail loaded;
	struct error error;
	struct script_set *next;
	uint32_t next_generation;
	struct config *next_config; /* NULL: it stays */
	struct material next_material; /* of it */
	struct asker *askers;
	struct asker *later; /* for the reload after it */

	/* While on probation: what comes back if it is not passed. */
	struct script_set *former;
	uint32_t former_generation;
	double former_errors_ms;
	struct timer look;
};

static int64_t
now_ms(void)
{
	return clock_monotonic_ms(&system_clock);
}

/* --------------------------------------------------------- one after all */

static void
finish(struct reload *reload, const struct error *err)
{
	struct asker *asker, *next;

	for (asker = reload->askers; asker != NULL; asker = next) {
		next = asker->next;
		if (asker->done != NULL)
			asker->done(asker->arg, err);
		free(asker);
	}
	reload->askers = NULL;
	reload->busy = false;
	systemd_notify("READY=1");
	if (err != NULL)
		log_write(&reload->server->log, LOG_LEVEL_ERROR,
		    "reload.failed", "nothing has changed: %s", err->text);
}

static void start_next(struct reload *reload);

static void
fail(struct reload *reload, const struct error *err)
{
	if (reload->next_config != NULL)
		config_free(reload->next_config);
	free(reload->next_config);
	reload->next_config = NULL;
	material_drop(&reload->next_material);
	script_set_free(reload->next);
	reload->next = NULL;
	finish(reload, err);
	start_next(reload);
}

/* --------------------------------------------------------------- probation */

static void
end_probation(struct reload *reload)
{
	timer_clear(reload->server->timers, &reload->look);
	script_set_free(reload->former);
	reload->former = NULL;
}

static void
begin_probation(struct reload *reload, struct script_set *former,
    uint32_t generation)
{
	double age = (double)(now_ms() - reload->since_ms);

	end_probation(reload);
	reload->former = former;
	reload->former_generation = generation;
	reload->former_errors_ms =
	    (double)script_set_errors(former) / (age > 1 ? age : 1);
	timer_set(reload->server->timers, &reload->look, PROBATION_LOOK_MS);
}

/* ---------------------------------------------------------------- exchange */

static void
ask_exchange(struct worker *worker, struct round_part *part)
{
	struct reload *reload = part->round->arg;

	chat_set_policy(worker->chat,
	    script_set_policy(reload->next, worker->index));
	if (reload->next_config != NULL)
		worker_set_config(worker, reload->next_config,
		    &reload->next_material);
	round_answer(part);
}

static void
take_config(struct reload *reload)
{
	struct server *server = reload->server;
	struct error err;

	/* It was checked before, so only memory can be missing. */
	if (outgoing_set_config(server->fetch, reload->next_config,
	    &err) == -1)
		log_write(&server->log, LOG_LEVEL_ERROR, "reload.http",
		    "the former http.allow stays: %s", err.text);
	changes_report(server->config, reload->next_config, &server->log);
	server_set_config(server, reload->next_config,
	    &reload->next_material);
	reload->next_config = NULL;
}

/* Every worker uses the next set: it is the one in force. */
static void
on_exchanged(struct round *round)
{
	struct reload *reload = round->arg;
	struct script_set *former = reload->set;
	uint32_t generation = reload->generation;
	bool reverted = reload->next == reload->former;

	reload->set = reload->next;
	reload->next = NULL;
	reload->generation = reload->next_generation;
	if (reload->last < reload->generation)
		reload->last = reload->generation;
	if (reverted) {
		reload->former = NULL;
		timer_clear(reload->server->timers, &reload->look);
		script_set_free(former);
		script_set_settle(reload->set);
	} else {
		begin_probation(reload, former, generation);
	}
	reload->since_ms = now_ms();
	if (reload->next_config != NULL)
		take_config(reload);
	log_write(&reload->server->log, LOG_LEVEL_INFO, "reload.done",
	    "generation=%u", reload->generation);
	finish(reload, NULL);
	start_next(reload);
}

static void
exchange(struct reload *reload)
{
	struct error err;

	if (reload->server->state != SERVER_STOPPED &&
	    round_begin(reload->server, ask_exchange, on_exchanged, reload,
	    &err) == 0)
		return;
	if (reload->server->state == SERVER_STOPPED)
		error_set(&err, ERROR_STATE, "the server stops");
	if (reload->next == reload->former)
		reload->next = NULL;
	fail(reload, &err);
}

static void
revert(struct reload *reload)
{
	log_write(&reload->server->log, LOG_LEVEL_ERROR, "reload.revert",
	    "generation %u failed %llu times since it was loaded: "
	    "back to generation %u", reload->generation,
	    (unsigned long long)script_set_errors(reload->set),
	    reload->former_generation);
	reload->busy = true;
	reload->next = reload->former;
	reload->next_generation = reload->former_generation;
	exchange(reload);
}

static void
on_look(struct timer *timer)
{
	struct reload *reload = (struct reload *)(void *)((char *)timer -
	    offsetof(struct reload, look));
	double errors = (double)script_set_errors(reload->set);
	int64_t age = now_ms() - reload->since_ms;

	timer_set(reload->server->timers, timer, PROBATION_LOOK_MS);
	if (reload->busy)
		return;
	if (errors > PROBATION_ERRORS && errors / (double)(age + 1) >
	    PROBATION_FACTOR * reload->former_errors_ms) {
		revert(reload);
	} else if (age >= PROBATION_MS) {
		script_set_settle(reload->set);
		end_probation(reload);
	}
}

/* ----------------------------------------------------------------- loading */

static void *
load(void *arg)
{
	struct reload *reload = arg;

	reload->next = scripts_load(&reload->scripts,
	    reload->next_generation, &reload->error);
	mailbox_post(reload->server->mailbox, &reload->loaded);
	return NULL;
}

static void
on_loaded(struct mail *mail, void *owner)
{
	struct reload *reload = (struct reload *)(void *)((char *)mail -
	    offsetof(struct reload, loaded));

	/* Without an owner, reload_finish() has joined it. */
	if (owner != NULL)
		pthread_join(reload->thread, NULL);
	reload->loading = false;
	if (reload->next == NULL)
		fail(reload, &reload->error);
	else
		exchange(reload);
}

static int
read_config(struct reload *reload, struct error *err)
{
	reload->next_config = calloc(1, sizeof(*reload->next_config));
	if (reload->next_config == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for a configuration");
		return -1;
	}
	if (config_load(reload->server->arguments, reload->next_config,
	    err) == -1) {
		free(reload->next_config);
		reload->next_config = NULL;
		return -1;
	}
	if (outgoing_check(reload->next_config, err) == -1)
		return -1;
	return material_load(reload->next_config, &reload->server->material,
	    &reload->next_material, err);
}

static void
start_next(struct reload *reload)
{
	struct error err;
	int status;

	if (reload->busy || reload->later == NULL)
		return;
	reload->busy = true;
	systemd_notify_reloading();
	reload->askers = reload->later;
	reload->later = NULL;
	if (reload->server->state != SERVER_RUNNING) {
		error_set(&err, ERROR_STATE, "the server stops");
		fail(reload, &err);
		return;
	}
	if (read_config(reload, &err) == -1) {
		fail(reload, &err);
		return;
	}
	scripts_set_budgets(&reload->scripts, reload->next_config);
	reload->next_generation = reload->last + 1;
	status = pthread_create(&reload->thread, NULL, load, reload);
	if (status != 0) {
		errno = status;
		error_set_errno(&err, "cannot start a thread to load scripts");
		fail(reload, &err);
		return;
	}
	reload->loading = true;
}

void
reload_begin(struct reload *reload, reload_done *done, void *arg)
{
	struct asker *asker;
	struct error err;

	asker = malloc(sizeof(*asker));
	if (asker == NULL) {
		error_set(&err, ERROR_NOMEM, "no memory to reload");
		if (done != NULL)
			done(arg, &err);
		return;
	}
	asker->next = reload->later;
	asker->done = done;
	asker->arg = arg;
	reload->later = asker;
	start_next(reload);
}

/* --------------------------------------------------------------- lifetime */

static void
on_change(void *arg)
{
	reload_begin(arg, NULL, NULL);
}

static int
begin_watch(struct reload *reload, struct error *err)
{
	const char *folders[] = {
		reload->scripts.options.shipped_folder,
		reload->scripts.options.operator_folder,
	};

	if (!reload->server->config->dev)
		return 0;
	reload->watch = watch_new(reload->server->timers, folders,
	    sizeof(folders) / sizeof(folders[0]), on_change, reload, err);
	return reload->watch == NULL ? -1 : 0;
}

struct reload *
reload_new(struct server *server, struct error *err)
{
	struct reload *reload;

	reload = calloc(1, sizeof(*reload));
	if (reload == NULL) {
		error_set(err, ERROR_NOMEM, "no memory for scripts");
		return NULL;
	}
	reload->server = server;
	reload->loaded.deliver = on_loaded;
	reload->look.fire = on_look;
	if (scripts_init(&reload->scripts, server->config, server->fetch,
	    &server->log,
	    err) == -1)
		goto fail;
	reload->generation = reload->last = 1;
	reload->since_ms = now_ms();
	reload->set = scripts_load(&reload->scripts, reload->generation, err);
	if (reload->set == NULL || begin_watch(reload, err) == -1)
		goto fail;
	/* Nothing could come back in its place. */
	script_set_settle(reload->set);
	return reload;
fail:
	reload_free(reload);
	return NULL;
}

void
reload_finish(struct reload *reload)
{
	if (reload != NULL && reload->loading)
		pthread_join(reload->thread, NULL);
}

void
reload_free(struct reload *reload)
{
	if (reload == NULL)
		return;
	assert(!reload->busy);
	end_probation(reload);
	watch_free(reload->watch);
	script_set_free(reload->set);
	scripts_fini(&reload->scripts);
	free(reload);
}

struct policy *
reload_policy(struct reload *reload, unsigned worker)
{
	return script_set_policy(reload->set, worker);
}

uint32_t
reload_generation(const struct reload *reload)
{
	return reload->generation;
}

void
reload_hooks(const struct reload *reload, struct buf *json)
{
	script_set_hooks(reload->set, json);
}

void
reload_describe(const struct reload *reload, struct buf *text)
{
	script_set_describe(reload->set, text);
}
