/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ev.h>
#include <pthread.h>
#include <stdlib.h>

#include "net/mailbox.h"

enum { THREADS = 4, LETTERS = 5000 };

struct reader {
	struct ev_loop *loop;
	int next[THREADS]; /* the number expected of each */
	int count, closed;
};

struct letter {
	struct mail mail; /* first */
	int thread, number;
	struct reader *reader; /* where to count when the box closes */
};

static void
deliver(struct mail *mail, void *owner)
{
	struct letter *letter = (struct letter *)(void *)mail;
	struct reader *reader = owner;

	if (reader == NULL) {
		letter->reader->closed++;
	} else {
		assert_int_equal(reader->next[letter->thread]++,
		    letter->number);
		if (++reader->count == THREADS * LETTERS)
			ev_break(reader->loop, EVBREAK_ALL);
	}
	free(letter);
}

static struct letter *
letter_new(int thread, int number, struct reader *reader)
{
	struct letter *letter = calloc(1, sizeof(*letter));

	assert_non_null(letter);
	letter->mail.deliver = deliver;
	letter->thread = thread;
	letter->number = number;
	letter->reader = reader;
	return letter;
}

struct writer {
	pthread_t thread;
	int index;
	struct mailbox *mailbox;
};

static void *
write_letters(void *arg)
{
	struct writer *writer = arg;
	int i;

	for (i = 0; i < LETTERS; i++)
		mailbox_post(writer->mailbox,
		    &letter_new(writer->index, i, NULL)->mail);
	return NULL;
}

/* Mail of each thread arrives whole and in its order. */
static void
test_order(void **state)
{
	struct reader reader = { .loop = ev_loop_new(0) };
	struct writer writers[THREADS];
	struct mailbox *mailbox;
	int i;

	(void)state;
	mailbox = mailbox_new(reader.loop, &reader, NULL);
	assert_non_null(mailbox);
	for (i = 0; i < THREADS; i++) {
		writers[i].index = i;
		writers[i].mailbox = mailbox;
		assert_int_equal(pthread_create(&writers[i].thread, NULL,
		    write_letters, &writers[i]), 0);
	}
	ev_run(reader.loop, 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(writers[i].thread, NULL);
	assert_int_equal(reader.count, THREADS * LETTERS);
	mailbox_free(mailbox);
	ev_loop_destroy(reader.loop);
}

/* What is left when it closes is handed out without an owner. */
static void
test_close(void **state)
{
	struct reader reader = { .loop = ev_loop_new(0) };
	struct mailbox *mailbox;
	int i;

	(void)state;
	mailbox = mailbox_new(reader.loop, &reader, NULL);
	for (i = 0; i < 10; i++)
		mailbox_post(mailbox, &letter_new(0, i, &reader)->mail);
	mailbox_free(mailbox);
	assert_int_equal(reader.closed, 10);
	assert_int_equal(reader.count, 0);
	mailbox_free(NULL);
	ev_loop_destroy(reader.loop);
}

struct chain {
	struct mail mail; /* first */
	struct mailbox *mailbox;
	struct ev_loop *loop;
	int left;
};

static void
post_again(struct mail *mail, void *owner)
{
	struct chain *chain = (struct chain *)(void *)mail;

	assert_non_null(owner);
	if (--chain->left == 0)
		ev_break(chain->loop, EVBREAK_ALL);
	else
		mailbox_post(chain->mailbox, mail);
}

/* Mail may be posted again from within its own delivery. */
static void
test_post_from_delivery(void **state)
{
	struct ev_loop *loop = ev_loop_new(0);
	struct chain chain = { .loop = loop, .left = 100 };

	(void)state;
	chain.mail.deliver = post_again;
	chain.mailbox = mailbox_new(loop, loop, NULL);
	mailbox_post(chain.mailbox, &chain.mail);
	ev_run(loop, 0);
	assert_int_equal(chain.left, 0);
	mailbox_free(chain.mailbox);
	ev_loop_destroy(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_post_from_delivery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
