/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCRIPT_FIXTURE_H
#define TESTS_SCRIPT_FIXTURE_H

#include "base/buf.h"
#include "script/script.h"

/*
 * Two folders of scripts in a temporary place, a set loaded from them, and
 * one person, ann, who types and says things.
 */
struct fixture {
	char folder[64]; /* with shipped/ and own/ in it */
	char shipped[80], own[80];
	struct log log; /* silent */
	struct clock clock;
	struct script_watchdog *watchdog;
	struct script_shared *shared;
	struct script_options options;
	struct script_set *set;
	struct error err; /* of the last load */
	struct buf seen;  /* what the last line did, as text */
	struct policy_result result; /* of the last message */
};

void fixture_init(struct fixture *fixture);
void fixture_fini(struct fixture *fixture);

/* path begins with shipped/ or own/. */
void fixture_write(struct fixture *fixture, const char *path,
    const char *text);

/* Loads the next set; the former stays when that fails (-1). */
int fixture_load(struct fixture *fixture);

/* One script as shipped/commands/x.lua, loaded; fails the test if it is bad. */
void fixture_script(struct fixture *fixture, const char *text);

/* As fixture_script, but returns what is wrong with it. */
const char *fixture_refused(struct fixture *fixture, const char *text);

/* What the line did: "send @bob: Hello; notice text; error code: text". */
const char *fixture_type(struct fixture *fixture, const char *line);
const char *fixture_type_in(struct fixture *fixture, const char *line,
    const char *conversation);

/* "pass", "reject RULE: REASON", "shadow RULE", "rewrite RULE: TEXT" */
const char *fixture_say(struct fixture *fixture, const char *conversation,
    const char *text);

/* Runs body within /x's run(c, a), and says what became of it. */
const char *fixture_run(struct fixture *fixture, const char *body);

/* Fails the test unless text contains part. */
void assert_contains(const char *text, const char *part);

#endif
