/* SPDX-License-Identifier: MIT */
#include <ev.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/hash.h"
#include "store/embedded.h"

/*
 * What reads cost with few and with many messages in a conversation: unread,
 * the list, history by cursor and by offset at several depths, search.  One
 * reader thread has always the next read waiting; one JSON line a case, with
 * the best of some rounds in µs a read, and its ratio to the same with the
 * first number of messages.
 */
#define OTHERS 49     /* further conversations, each with FEW messages */
#define FEW 20
#define UNREAD 100
#define WORDS 30000   /* of the vocabulary, by Zipf's law */
#define ROUNDS 7
#define CASES_MAX 32

struct bench {
	const char *kind, *folder;
	unsigned long messages, reads;
	struct ev_loop *loop;
	struct mailbox *mailbox;
	struct store *store;
	unsigned long submitted, done;
	uint64_t random, me, other, conv, last_seq, uid, records;
	unsigned cases;
	double first[CASES_MAX]; /* µs, by case, of the first run */
	bool is_first;
};

static _Noreturn void
die(const char *what)
{
	fprintf(stderr, "read_bench: %s\n", what);
	exit(1);
}

static void *
must(void *memory)
{
	if (memory == NULL)
		die("no memory");
	return memory;
}

static double
now_s(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void
settle(struct bench *bench, unsigned long window)
{
	while (bench->submitted - bench->done > window)
		ev_run(bench->loop, EVRUN_ONCE);
}

/* -------------------------------------------------------------- what there is */

static void
written(struct store_write *write)
{
	struct bench *bench = write->arg;

	if (write->status != STORE_OK)
		die("a write was refused");
	if (write->kind == STORE_WRITE_USER)
		bench->uid = write->record.sender;
	else if (write->kind == STORE_WRITE_APPEND) {
		bench->conv = write->record.conv;
		bench->last_seq = write->record.seq;
	}
	bench->done++;
}

static void
feed(void *arg, struct store_write *write)
{
	(void)arg;
	(void)write;
}

static void
submit(struct bench *bench, struct store_write *write)
{
	write->done = written;
	write->arg = bench;
	bench->submitted++;
	store_submit(bench->store, write);
}

static uint64_t
add_person(struct bench *bench, unsigned number)
{
	struct store_write *write = must(store_write_new(0));

	write->kind = STORE_WRITE_USER;
	snprintf(write->name, sizeof(write->name), "p%u", number);
	submit(bench, write);
	settle(bench, 0);
	return bench->uid;
}

static double
draw(struct bench *bench)
{
	bench->random = bench->random * UINT64_C(6364136223846793005) + 1;
	return (double)(bench->random >> 11) / 9007199254740992.0;
}

/* The n-th commonest word about n times as rare as the first. */
static unsigned
draw_word(struct bench *bench)
{
	double most = WORDS, n = 1;
	int i, steps = (int)(draw(bench) * 15);

	for (i = 0; i < steps && n < most; i++)
		n *= 2;
	return (unsigned)(n * (1 + draw(bench))) % WORDS;
}

static void
say(struct bench *bench, uint64_t sender, uint64_t peer)
{
	struct store_write *write = must(store_write_new(256));
	size_t len = 0;
	int i, words = 4 + (int)(draw(bench) * 12);

	for (i = 0; i < words; i++)
		len += (size_t)snprintf(write->extra + len, 256 - len,
		    "w%u ", draw_word(bench));
	write->kind = STORE_WRITE_APPEND;
	write->peer = peer;
	write->record.sender = sender;
	write->record.sender_name = "p";
	write->record.text = write->extra;
	write->record.text_len = (uint32_t)len;
	write->fingerprint = hash_bytes(write->extra, len);
	submit(bench, write);
	settle(bench, 10000);
}

static void
fill(struct bench *bench)
{
	struct store_write *mark = must(store_write_new(0));
	unsigned long i, j;
	uint64_t uid;

	bench->me = add_person(bench, 0);
	bench->other = add_person(bench, 1);
	for (i = 0; i < OTHERS; i++) {
		uid = add_person(bench, 2 + (unsigned)i);
		for (j = 0; j < FEW; j++)
			say(bench, uid, bench->me);
	}
	for (i = 0; i < bench->messages; i++)
		say(bench, bench->other, bench->me);
	settle(bench, 0);
	mark->kind = STORE_WRITE_MARK;
	mark->record.sender = bench->me;
	mark->record.conv = bench->conv;
	mark->mark.read = bench->last_seq - UNREAD;
	submit(bench, mark);
	settle(bench, 0);
}

static void
open_store(struct bench *bench)
{
	static const struct log log = {.level = LOG_LEVEL_WARN};
	const struct store_options options = {.kind = bench->kind,
	    .folder = bench->folder, .workers = 1, .readers = 1,
	    .log = &log};
	struct error err = {0};

	bench->store = store_open(&options, &err);
	if (bench->store == NULL)
		die(err.text);
	store_attach(bench->store, 0, bench->mailbox, feed, bench);
}

static void
remove_index(const struct bench *bench)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/search/data.mdb", bench->folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/search/lock.mdb", bench->folder);
	unlink(path);
}

static unsigned long
bytes_of(const struct bench *bench, const char *file)
{
	struct stat stats;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", bench->folder, file);
	if (strcmp(bench->kind, "lmdb") != 0 || stat(path, &stats) != 0)
		return 0;
	return (unsigned long)stats.st_blocks * 512;
}

/* ---------------------------------------------------------------- the cases */

static void
answered(struct store_read *read)
{
	struct bench *bench = read->arg;

	if (read->status != STORE_OK)
		die("a read failed");
	bench->records = read->records_n;
	bench->done++;
	store_read_free(read);
}

static struct store_read *
copy_read(struct bench *bench, const struct store_read *like)
{
	struct store_read *read = must(store_read_new(0));

	read->kind = like->kind;
	read->uid = bench->me;
	read->conv = like->conv;
	read->before = like->before;
	read->newest = like->newest;
	read->by_offset = like->by_offset;
	read->offset = like->offset;
	read->limit = 50;
	read->search = like->search;
	read->done = answered;
	read->arg = bench;
	return read;
}

static double
measure(struct bench *bench, const struct store_read *like)
{
	double best = 1e9, from, took;
	unsigned long i;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		from = now_s();
		for (i = 0; i < bench->reads; i++) {
			bench->submitted++;
			store_query(bench->store, copy_read(bench, like));
			settle(bench, 50);
		}
		settle(bench, 0);
		took = (now_s() - from) / (double)bench->reads * 1e6;
		if (took < best)
			best = took;
	}
	return best;
}

static void
report(struct bench *bench, const char *name, const struct store_read *like)
{
	double us = measure(bench, like);
	unsigned number = bench->cases++;

	if (number >= CASES_MAX)
		die("too many cases");
	if (bench->is_first)
		bench->first[number] = us;
	printf("{\"case\":\"%s\",\"store\":\"%s\",\"messages\":%lu,"
	       "\"records\":%lu,\"us\":%.1f,\"ratio\":%.2f}\n",
	    name, bench->kind, bench->messages,
	    (unsigned long)bench->records, us, us / bench->first[number]);
	fflush(stdout);
}

static void
report_lists(struct bench *bench)
{
	struct store_read like = {.kind = STORE_READ_CONVERSATIONS};

	report(bench, "list of 50", &like);
	like.conv = bench->conv;
	report(bench, "unread, 100", &like);
}

static void
report_history(struct bench *bench)
{
	static const char *const places[] = {"newest", "middle", "oldest"};
	struct store_read like = {.kind = STORE_READ_HISTORY,
	    .conv = bench->conv, .newest = true};
	char name[64];
	int i;

	for (i = 0; i < 3; i++) {
		like.before = i == 0 ? 0 : i == 1 ? bench->last_seq / 2 : 51;
		snprintf(name, sizeof(name), "history by cursor, %s",
		    places[i]);
		report(bench, name, &like);
	}
	like.before = 0;
	like.by_offset = true;
	for (i = 0; i < 3; i++) {
		like.offset = i == 0 ? 0 : i == 1 ? bench->messages / 2
						  : bench->messages - 50;
		snprintf(name, sizeof(name), "history by offset, %s",
		    places[i]);
		report(bench, name, &like);
	}
}

static void
report_search(struct bench *bench)
{
	static const struct {
		const char *name, *words;
	} cases[] = {{"search, common word", "w1"},
	    {"search, rare word", "w29000"}, {"search, two words", "w300 w4000"},
	    {"search, no such word", "teapot"},
	    {"search, words that never meet", "w28001 w28002"}};
	struct store_read like = {.kind = STORE_READ_SEARCH};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(like.search.words, cases[i].words);
		report(bench, cases[i].name, &like);
	}
}

static void
report_index(struct bench *bench)
{
	double from;

	store_close(bench->store);
	remove_index(bench);
	open_store(bench);
	from = now_s();
	store_settle_search(bench->store);
	printf("{\"case\":\"search, index made\",\"store\":\"%s\","
	       "\"messages\":%lu,\"s\":%.2f,\"index_bytes\":%lu,"
	       "\"store_bytes\":%lu}\n",
	    bench->kind, bench->messages, now_s() - from,
	    bytes_of(bench, "search/data.mdb"), bytes_of(bench, "data.mdb"));
	fflush(stdout);
}

static void
run(struct bench *bench, const char *folder, unsigned long messages)
{
	struct error err = {0};
	char path[256];

	bench->messages = messages;
	bench->random = 2026;
	bench->cases = 0;
	snprintf(path, sizeof(path), "%s.%lu", folder, messages);
	bench->folder = path;
	bench->mailbox = mailbox_new(bench->loop, bench, &err);
	if (bench->mailbox == NULL)
		die(err.text);
	open_store(bench);
	fill(bench);
	if (strcmp(bench->kind, "lmdb") == 0)
		report_index(bench);
	store_settle_search(bench->store);
	report_lists(bench);
	report_history(bench);
	report_search(bench);
	store_close(bench->store);
	mailbox_free(bench->mailbox);
	bench->is_first = false;
}

static unsigned long
number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end != '\0' || value < 2 * UNREAD)
		die("a number of 200 or more is expected");
	return value;
}

int
main(int argc, char **argv)
{
	struct bench bench = {.kind = "lmdb", .reads = 1000,
	    .is_first = true};
	const char *folder = "read_bench.data";
	int option, i;

	while ((option = getopt(argc, argv, "s:d:r:")) != -1) {
		if (option == 's')
			bench.kind = optarg;
		else if (option == 'd')
			folder = optarg;
		else if (option == 'r')
			bench.reads = number(optarg);
		else
			die("[-s lmdb|memory] [-d folder that is not there] "
			    "[-r reads a round] messages…");
	}
	if (optind == argc)
		die("how many messages? e.g. 1000 1000000");
	bench.loop = must(ev_loop_new(EVFLAG_AUTO));
	for (i = optind; i < argc; i++)
		run(&bench, folder, number(argv[i]));
	ev_loop_destroy(bench.loop);
	return 0;
}
