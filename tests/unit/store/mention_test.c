/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/mention.h"

static void
check(const char *const *texts, const char *name, bool wanted)
{
	for (; *texts != NULL; texts++) {
		if (mention_in(*texts, strlen(*texts), name) != wanted)
			fail_msg("\"%s\" %s @%s", *texts,
			    wanted ? "has no" : "has", name);
	}
}

static void
names_as_words(void **state)
{
	static const char *const texts[] = {"@bob", "@bob hello", "hello @bob",
	    "hi @bob, tea?", "(@bob)", "@BOB!", "is it @Bob?", "@bob.",
	    "@bob...", "@bob-", "@bob_", "@bob: yes", "@bob's", "\n@bob\n",
	    "@bobby and @bob", "@@bob", "\"@bob\"", "bob@bob @bob",
	    "\xe4\xbd\xa0\xe5\xa5\xbd@bob\xe4\xbd\xa0", "...@bob", NULL};

	(void)state;
	check(texts, "bob", true);
}

static void
neither_addresses_nor_longer_names(void **state)
{
	static const char *const texts[] = {"", "@", "bob", "@ bob", "@bo",
	    "@bobby", "@bob.smith", "@bob-2", "@bob_b", "ann@bob",
	    "ann@bob.example", "a.b+c@bob", "ann_@bob", "@bob@example.org",
	    "@bob\xc3\xa9", "@b\xc3\xb6""b", "@", "@@", "@.bob", "bob@", NULL};

	(void)state;
	check(texts, "bob", false);
}

static void
names_with_marks(void **state)
{
	static const char *const with[] = {"@a.b-c_d", "x @A.B-C_D. y", NULL};
	static const char *const without[] = {"@a.b-c", "@a.b-c_d_e", NULL};

	(void)state;
	check(with, "a.b-c_d", true);
	check(without, "a.b-c_d", false);
}

/* No byte behind the end is looked at. */
static void
the_end_is_the_end(void **state)
{
	(void)state;
	assert_true(mention_in("@bobby", 4, "bob"));
	assert_false(mention_in("@bob", 3, "bob"));
	assert_false(mention_in("@bob", 0, "bob"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names_as_words),
	    cmocka_unit_test(neither_addresses_nor_longer_names),
	    cmocka_unit_test(names_with_marks),
	    cmocka_unit_test(the_end_is_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
