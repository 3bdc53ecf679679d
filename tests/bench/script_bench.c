/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "script/script.h"

/*
 * What scripts cost: nanoseconds of CPU a message through the filters that
 * ship, a line through the commands that ship, and the parts of it.  Not built
 * by default: make tests/bench/script_bench.
 */
#define ROUNDS 2000000
#define PEOPLE 1000
#define TEXTS 997

struct bench {
	struct script_options options;
	struct script_set *set;
	char folder[64];
};

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
load(struct bench *bench, const char *folder)
{
	struct error err = {0};

	script_set_free(bench->set);
	bench->options.shipped_folder = folder;
	bench->set = script_set_load(&bench->options, 1, &err);
	if (bench->set == NULL) {
		fprintf(stderr, "%s\n", err.text);
		exit(78);
	}
}

static void
load_text(struct bench *bench, const char *text)
{
	char file[80];
	FILE *out;

	snprintf(file, sizeof(file), "%s/x.lua", bench->folder);
	out = fopen(file, "w");
	if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0) {
		perror(file);
		exit(1);
	}
	load(bench, bench->folder);
}

static void
remove_folder(const struct bench *bench)
{
	char file[80];

	snprintf(file, sizeof(file), "%s/x.lua", bench->folder);
	unlink(file);
	rmdir(bench->folder);
}

static void
report(const char *what, double began, unsigned rounds)
{
	printf("%-48s %8.1f ns\n", what, (seconds() - began) * 1e9 / rounds);
}

static void
messages(struct bench *bench, const char *what)
{
	struct policy *policy = script_set_policy(bench->set, 0);
	struct policy_message message = {.user = "alice",
	    .conversation = "#tea", .kind = CONVERSATION_GROUP,
	    .members = 100, .transport = TRANSPORT_WEBSOCKET};
	static char texts[TEXTS][64];
	struct policy_result result;
	unsigned i;
	double began;

	for (i = 0; i < TEXTS; i++)
		snprintf(texts[i], sizeof(texts[i]),
		    "a message that somebody may have typed, %u", i + 1000);
	message.text_len = strlen(texts[0]);
	began = seconds();
	for (i = 0; i < ROUNDS; i++) {
		message.text = texts[i % TEXTS];
		message.uid = 1 + i % PEOPLE;
		message.at_us = INT64_C(1767268800000000) + i * 300;
		memset(&result, 0, sizeof(result));
		policy->ops->message(policy, &message, &result);
		if (result.verdict != POLICY_PASS) {
			fprintf(stderr, "rejected: %s\n", result.reason);
			exit(1);
		}
	}
	report(what, began, ROUNDS);
}

static void
send(void *arg, const char *to, size_t to_len, const char *text,
    size_t text_len, bool action)
{
	(void)to;
	(void)text;
	(void)action;
	*(size_t *)arg += to_len + text_len;
}

static void
lines(struct bench *bench, const char *what, const char *text)
{
	static const struct policy_host host = {.send = send};
	struct policy *policy = script_set_policy(bench->set, 0);
	size_t sent = 0;
	const struct policy_line line = {.text = text,
	    .text_len = strlen(text), .uid = 1, .user = "alice",
	    .conversation = "#lobby", .transport = TRANSPORT_WEBSOCKET,
	    .at_us = INT64_C(1767268800000000), .host = &host, .arg = &sent};
	unsigned i;
	double began = seconds();

	for (i = 0; i < ROUNDS; i++)
		policy->ops->line(policy, &line);
	report(what, began, ROUNDS);
}

static void
run(struct bench *bench)
{
	double began = seconds();

	load(bench, SYNCTALK_SOURCEDIR "/lua");
	printf("%-48s %8.2f ms\n", "load of what ships (1 worker)",
	    (seconds() - began) * 1e3);
	messages(bench, "message: the rule that ships (flood)");
	lines(bench, "line: plain text", "hello, everybody");
	lines(bench, "line: /dm bob text", "/dm bob hello");
	load_text(bench, "return chat.filter{ name = 'x', run = function() "
	    "end }");
	messages(bench, "message: a rule that does nothing");
	load_text(bench, "return chat.filter{ name = 'x', run = function(ev) "
	    "local a, b, c = ev.text, ev.user.id, ev.at end }");
	messages(bench, "message: a rule that reads three fields");
	load_text(bench, "return chat.filter{ name = 'x', match = "
	    "words.matcher{ 'casino', 'viagra' }, run = function() end }");
	messages(bench, "message: a rule whose words are not there");
	load_text(bench, "return chat.filter{ name = 'x', run = function(ev) "
	    "if ev.text:find('https?://%S+%.ru') then return verdict.reject{ "
	    "reason = 'x' } end end }");
	messages(bench, "message: a rule with a pattern");
	load_text(bench, "return chat.filter{ name = 'x', run = function(ev) "
	    "shared.rate('x' .. ev.user.id, 1e6, 1e6) end }");
	messages(bench, "message: a rule with shared.rate");
}

int
main(void)
{
	static const struct log silent = {.level = LOG_LEVEL_OFF};
	struct error err = {0};
	struct bench bench = {.options = {.workers = 1, .log = &silent},
	    .folder = "/tmp/synctalk-bench-XXXXXX"};

	if (mkdtemp(bench.folder) == NULL) {
		perror(bench.folder);
		return 1;
	}
	bench.options.watchdog = script_watchdog_start(&err);
	bench.options.shared = script_shared_new(0, &err);
	if (bench.options.watchdog == NULL || bench.options.shared == NULL) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	run(&bench);
	script_set_free(bench.set);
	script_shared_free(bench.options.shared);
	script_watchdog_stop(bench.options.watchdog);
	remove_folder(&bench);
	return 0;
}
