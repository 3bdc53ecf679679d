/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <netdb.h>
#include <semaphore.h>
#include <unistd.h>

#include "fetch/fetch.h"

/* How long a test may hang that has failed. */
#define HANGS_S 20

static sem_t asked, answer;

/* In the place of the C library's: a name server that does not answer. */
int
getaddrinfo(const char *name, const char *service,
    const struct addrinfo *hints, struct addrinfo **found)
{
	(void)name;
	(void)service;
	(void)hints;
	*found = NULL;
	sem_post(&asked);
	sem_wait(&answer);
	return EAI_AGAIN;
}

/* Who ends does not wait for it. */
static void
test_a_name_that_is_looked_up_for_ever(void **state)
{
	const char *const origins[] = {"http://slow.example", NULL};
	const struct fetch_rules rules = {.origins = origins};
	const struct fetch_request request = {
	    .url = "http://slow.example/", .body = "x", .len = 1,
	    .who = "test"};
	const struct log log = {.level = LOG_LEVEL_OFF};
	struct fetch *fetch;
	struct error err;

	(void)state;
	sem_init(&asked, 0, 0);
	sem_init(&answer, 0, 0);
	alarm(HANGS_S);
	fetch = fetch_new(&rules, &log, &err);
	assert_non_null(fetch);
	assert_int_equal(fetch_post(fetch, &request, &err), 0);
	sem_wait(&asked);
	fetch_free(fetch);
	sem_post(&answer);
	alarm(0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_name_that_is_looked_up_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
